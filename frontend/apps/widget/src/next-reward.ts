import type { Say } from './words.ts'

/** The cheapest reward that is out of reach, and how far; else the dearest that is not. */
export function nextReward(
  rewards: readonly { name: string; price: number }[],
  active: number,
  number: Pick<Intl.NumberFormat, 'format'>,
  say: Say,
): string {
  const ahead = rewards.filter(({ price }) => price > active).sort((one, other) => one.price - other.price)[0]
  if (ahead) return say('next', { n: number.format(ahead.price - active), reward: ahead.name })
  const best = [...rewards].sort((one, other) => other.price - one.price)[0]
  return best ? say('ready', { reward: best.name }) : ''
}
