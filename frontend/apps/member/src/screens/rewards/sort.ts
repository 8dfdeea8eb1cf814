import type { RewardFactsFragment } from '../../generated/graphql.ts'

export interface Shelves {
  now: RewardFactsFragment[]
  nearly: RewardFactsFragment[]
  rest: RewardFactsFragment[]
}

/** "Nearly mine" is what lacks at most this share of its price, and nothing but points. */
const near = 0.4

/** What can be had now, dearest first; then what is close, closest first; then the rest by price. */
export function shelve(rewards: readonly RewardFactsFragment[]): Shelves {
  const shelves: Shelves = { now: [], nearly: [], rest: [] }
  for (const reward of rewards) {
    const { eligibility, price } = reward
    if (eligibility?.eligible) shelves.now.push(reward)
    else if (eligibility?.reason === 'NOT_ENOUGH_POINTS' && (eligibility.pointsMissing ?? price) <= price * near) shelves.nearly.push(reward)
    else shelves.rest.push(reward)
  }
  shelves.now.sort((one, other) => other.price - one.price)
  shelves.nearly.sort((one, other) => (one.eligibility?.pointsMissing ?? 0) - (other.eligibility?.pointsMissing ?? 0))
  shelves.rest.sort((one, other) => one.price - other.price)
  return shelves
}
