import type { PointsPaymentFragment, PointsReceiptFragment, SaleFactsFragment } from '../generated/graphql.ts'
import type { QueuedReturn, QueuedSale } from '../queue/post.ts'
import type { SettledResult } from '../queue/queue.ts'
import { lineAmount, total, type Basket } from '../sale/basket.ts'
import { toMinor } from '../sale/money.ts'
import type { PaidWithPoints } from '../sale/tender.ts'

export interface ReceiptLine {
  readonly name: string
  readonly quantity: number
  /** Minor units. */
  readonly amount: number
}

/** What is printed: of a sale or a return, posted, kept for later, or only practised. */
export interface ReceiptFacts {
  readonly kind: 'sale' | 'return'
  readonly status: 'posted' | 'duplicate' | 'queued' | 'practice'
  readonly receiptNumber: string
  readonly occurredAt: string
  readonly lines: readonly ReceiptLine[]
  /** Minor units. */
  readonly total: number
  /** What of the total points paid, or were given back for. */
  readonly byPoints: PaidWithPoints | null
  readonly points: PointsReceiptFragment | null
  /** The sale as the service keeps it; needed to undo it. */
  readonly purchase: SaleFactsFragment | null
}

export function receiptOfSale(post: QueuedSale, result: SettledResult): ReceiptFacts {
  const { input, currency } = post
  const common = { kind: 'sale', receiptNumber: input.receiptNumber, occurredAt: input.occurredAt } as const
  if (result.kind !== 'posted') {
    const lines = input.lines.map(({ name, quantity, amount }) => ({
      name: name ?? '',
      quantity,
      amount: toMinor(amount.amount, currency),
    }))
    return { ...common, status: 'queued', lines, total: post.total, byPoints: post.byPoints, points: null, purchase: null }
  }
  const { purchase, receipt, duplicate } = result
  return {
    ...common,
    status: duplicate ? 'duplicate' : 'posted',
    lines: purchase.lines.map(({ name, quantity, amount }) => ({
      name,
      quantity,
      amount: toMinor(amount.amount, currency),
    })),
    total: toMinor(purchase.total.amount, currency),
    byPoints: paymentOf(purchase.paidWithPoints),
    points: receipt,
    purchase,
  }
}

export function receiptOfReturn(
  post: QueuedReturn,
  result: SettledResult,
  lines: readonly ReceiptLine[],
): ReceiptFacts {
  const posted = result.kind === 'posted'
  const back = posted
    ? result.purchase.returns.find(({ receiptNumber }) => receiptNumber === post.input.receiptNumber)
    : undefined
  return {
    kind: 'return',
    status: posted ? 'posted' : 'queued',
    receiptNumber: post.input.receiptNumber,
    occurredAt: post.input.occurredAt,
    lines,
    total: back === undefined ? post.total : toMinor(back.total.amount, post.currency),
    byPoints: paymentOf(back?.pointsBack ?? null),
    points: posted ? result.receipt : null,
    purchase: null,
  }
}

/** A receipt of nothing: made here, sent nowhere. */
export function practiceReceipt(basket: Basket, occurredAt: string, earned: number | null): ReceiptFacts {
  return {
    kind: 'sale',
    status: 'practice',
    receiptNumber: '000000-000',
    occurredAt,
    lines: basket.lines.map((line) => ({ name: line.name, quantity: line.quantity, amount: lineAmount(line) })),
    total: total(basket),
    byPoints: null,
    points:
      earned === null
        ? null
        : { pointsBefore: null, pointsEarned: earned, pointsUsed: 0, pointsAfter: null, lines: [] },
    purchase: null,
  }
}

function paymentOf(paid: PointsPaymentFragment | null): PaidWithPoints | null {
  return paid && { points: paid.points, amount: toMinor(paid.amount.amount, paid.amount.currencyCode) }
}
