import { expect, test } from 'vitest'
import type { RewardFactsFragment } from '../src/generated/graphql.ts'
import { shelve } from '../src/screens/rewards/sort.ts'

type Reason = NonNullable<RewardFactsFragment['eligibility']>['reason']

const reward = (name: string, price: number, reason: Reason = null, pointsMissing: number | null = null): RewardFactsFragment => ({
  id: name, name, price, kind: 'FIXED_DISCOUNT', description: '', terms: null, discount: null, percent: null, product: null, stock: null, perMemberLimit: null,
  availableUntil: null, glyph: 'tag', eligibility: { eligible: reason === null, reason, message: null, pointsMissing },
})

test('what can be had now comes first, then what is close, then the rest', () => {
  const { now, nearly, rest } = shelve([
    reward('far', 4800, 'NOT_ENOUGH_POINTS', 3560),
    reward('cheap', 120),
    reward('close', 1500, 'NOT_ENOUGH_POINTS', 260),
    reward('closer', 1300, 'NOT_ENOUGH_POINTS', 60),
    reward('gone', 900, 'OUT_OF_STOCK'),
    reward('dear', 600),
  ])
  expect(now.map(({ name }) => name)).toEqual(['dear', 'cheap'])
  expect(nearly.map(({ name }) => name)).toEqual(['closer', 'close'])
  expect(rest.map(({ name }) => name)).toEqual(['gone', 'far'])
})
