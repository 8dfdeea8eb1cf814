import { expect, test } from 'vitest'
import { tierShare } from '../src/screens/card/tier-bar.tsx'

const standing = (qualifyingPoints: number, next: number | null) => ({
  tier: { id: 'leaf', name: 'Leaf', rank: 1, threshold: 1000 },
  nextTier: next === null ? null : { id: 'harvest', name: 'Harvest', threshold: next },
  qualifyingPoints, pointsToNext: null, periodEnd: '2026-12-31', guaranteedUntil: null,
})

test('the bar runs from this tier to the next', () => {
  expect(tierShare(standing(1000, 3000))).toBe(0)
  expect(tierShare(standing(2760, 3000))).toBeCloseTo(0.88)
  expect(tierShare(standing(200, 3000))).toBe(0)
  expect(tierShare(standing(9000, null))).toBe(1)
})
