import type { TillHomeQuery } from '../generated/graphql.ts'
import { fractionDigits } from './money.ts'

/** The programme's rule for points as a part payment. */
export type PointsPolicy = NonNullable<TillHomeQuery['programme']['payWithPoints']>

/** Points that pay a part of a sale, and what they are worth in minor units. */
export interface PaidWithPoints {
  readonly points: number
  readonly amount: number
}

/** How many points a sale may be paid with: a multiple of `step` from `least` to `most`; none when `most` is less. */
export interface PointsOffer {
  readonly least: number
  readonly most: number
  readonly step: number
  /** What allows no more: the largest share of a sale, or the member's balance. */
  readonly bound: 'share' | 'balance'
}

/**
 * What the programme allows for a sale. The service decides in the end; this is for choosing without asking it each time.
 * @param total minor units, after rewards
 * @param active the member's usable points
 */
export function pointsOffer(policy: PointsPolicy, total: number, active: number, currency: string): PointsOffer {
  const unit = 10 ** fractionDigits(currency)
  // The fewest points that are worth a whole amount.
  const step = policy.pointsPerUnit / greatestDivisor(policy.pointsPerUnit, unit)
  const down = (points: number) => points - (points % step)
  const largest = Math.floor((total * policy.maximumShare) / 100)
  const byShare = down(Math.floor((largest * policy.pointsPerUnit) / unit))
  const byBalance = down(Math.max(active, 0))
  return {
    least: Math.ceil(policy.minimum / step) * step,
    most: Math.min(byShare, byBalance),
    step,
    bound: byBalance < byShare ? 'balance' : 'share',
  }
}

/** What points are worth in minor units; a number that is worth no whole amount is rounded down. */
export function worthOf(policy: PointsPolicy, points: number, currency: string): number {
  return Math.floor((points * 10 ** fractionDigits(currency)) / policy.pointsPerUnit)
}

/** The nearest number of points that the offer allows, not above the one wanted where that is possible. */
export function fitted({ least, most, step }: PointsOffer, wanted: number): number {
  return Math.max(least, Math.min(most, wanted - (wanted % step)))
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}
