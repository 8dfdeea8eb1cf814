import { describe, expect, test } from 'vitest'
import { fitted, pointsOffer, worthOf } from '../src/sale/tender.ts'

/** A hundred points to the dollar, at least a hundred, at most half of the sale. */
const POLICY = { pointsPerUnit: 100, minimum: 100, maximumShare: 50 }

describe('what a sale may be paid with', () => {
  test('is bound by the share', () => {
    expect(pointsOffer(POLICY, 2000, 5000, 'USD')).toEqual({ least: 100, most: 1000, step: 1, bound: 'share' })
    expect(pointsOffer(POLICY, 1999, 5000, 'USD').most).toBe(999)
  })

  test('is bound by the balance', () => {
    expect(pointsOffer(POLICY, 2000, 640, 'USD')).toEqual({ least: 100, most: 640, step: 1, bound: 'balance' })
    expect(pointsOffer(POLICY, 2000, -5, 'USD').most).toBe(0)
  })

  test.each([
    [150, 'USD', 3],
    [150, 'JPY', 150],
    [150, 'KWD', 3],
    [1, 'USD', 1],
  ])('comes in steps that are worth a whole amount: %i to the %s', (pointsPerUnit, currency, step) => {
    const policy = { pointsPerUnit, minimum: 100, maximumShare: 50 }
    const offer = pointsOffer(policy, 10_000, 1001, currency)
    expect(offer.step).toBe(step)
    expect([offer.least % step, offer.most % step]).toEqual([0, 0])
    expect(offer.least).toBeGreaterThanOrEqual(100)
    const worth = (points: number) => (points * (currency === 'JPY' ? 1 : currency === 'KWD' ? 1000 : 100)) / pointsPerUnit
    for (let points = offer.least; points <= offer.most; points += step) {
      expect(worthOf(policy, points, currency)).toBe(worth(points))
    }
  })
})

test.each([
  [50, 100],
  [100, 100],
  [333, 330],
  [5000, 1000],
])('%i points wanted are %i', (wanted, given) => {
  expect(fitted({ least: 100, most: 1000, step: 10, bound: 'share' }, wanted)).toBe(given)
})
