import { keyOf } from '../sale/basket.ts'
import { lineInputs } from '../sale/lines.ts'
import type { SaleState } from '../sale/state.ts'
import type { QueuedReturn, QueuedSale } from '../queue/post.ts'
import type { SettledResult } from '../queue/queue.ts'
import type { SaleFactsFragment } from '../generated/graphql.ts'
import type { TillSession } from './session.ts'

export interface Posted<Post> {
  readonly post: Post
  readonly result: SettledResult
}

/**
 * Gives the sale its number, keeps it on the till, and sends it if the line is up.
 * @param saleTotal minor units, with the part that points pay
 * @param onKept it is in the queue now, whatever becomes of this page
 */
export async function paySale(
  session: TillSession,
  state: SaleState,
  currency: string,
  saleTotal: number,
  onKept: () => void,
): Promise<Posted<QueuedSale>> {
  const businessDate = state.reposting?.businessDate ?? session.today()
  const receiptNumber = state.reposting?.receiptNumber ?? (await session.store(() => session.receipts.next(businessDate)))
  const { basket, member, handOver, byPoints } = state
  // One basket is one sale, also where the page is loaded anew between keeping it and knowing that.
  const id = state.reposting?.id ?? keyOf(basket)
  const post: QueuedSale = {
    kind: 'sale',
    id,
    state: 'waiting',
    problem: null,
    madeAtMs: Date.now(),
    attempts: 0,
    total: saleTotal,
    byPoints,
    currency,
    scan: member?.kind === 'identified' ? member.scan : null,
    input: {
      idempotencyKey: id,
      identification: member?.kind === 'identified' ? member.identification : null,
      deferredScan: member?.kind === 'noted' ? member.scan : null,
      receiptNumber,
      businessDate,
      occurredAt: session.now(),
      lines: lineInputs(basket, currency),
      redemptionIds: [...handOver],
      payWithPoints: byPoints?.points ?? null,
    },
  }
  return { post, result: await keepAndSend(session, post, onKept) }
}

/** Returns everything that is left of a purchase, or the given quantities by line id. */
export async function postReturn(
  session: TillSession,
  purchase: SaleFactsFragment,
  quantities: ReadonlyMap<string, number> | 'everything',
  value: number,
): Promise<Posted<QueuedReturn>> {
  const id = crypto.randomUUID()
  const lines = quantities === 'everything' ? [] : [...quantities].map(([lineId, quantity]) => ({ lineId, quantity }))
  const post: QueuedReturn = {
    kind: 'return',
    id,
    state: 'waiting',
    problem: null,
    madeAtMs: Date.now(),
    attempts: 0,
    total: value,
    currency: purchase.total.currencyCode,
    input: {
      idempotencyKey: id,
      purchaseId: purchase.id,
      receiptNumber: await session.store(() => session.receipts.next(session.today())),
      occurredAt: session.now(),
      lines,
    },
  }
  return { post, result: await keepAndSend(session, post) }
}

async function keepAndSend(
  session: TillSession,
  post: QueuedSale | QueuedReturn,
  onKept?: () => void,
): Promise<SettledResult> {
  await session.store(() => session.queue.add(post))
  onKept?.()
  if (session.status.line === 'down') return { kind: 'later', lineIsDown: true }
  return session.queue.post(post)
}
