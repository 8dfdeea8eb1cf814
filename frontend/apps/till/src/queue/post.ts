import type {
  DeferredScanInput,
  PointsReceiptFragment,
  PurchaseLineInput,
  PurchaseRecordErrorCode,
  PurchaseRecordInput,
  PurchaseReturnErrorCode,
  PurchaseReturnInput,
  SaleFactsFragment,
} from '../generated/graphql.ts'
import { toMinor } from '../sale/money.ts'
import type { PaidWithPoints } from '../sale/tender.ts'

/** Why the service refused a post for good; someone has to decide. */
export interface Problem {
  readonly code: PurchaseRecordErrorCode | PurchaseReturnErrorCode | 'REFUSED'
  /** The service's own sentence. */
  readonly message: string
  /** Place of the line that it is about. */
  readonly line: number | null
}

/** `waiting` is sent when the line is up, `conflict` waits for a person, `setAside` was dealt with by one. None is ever deleted. */
export type PostState = 'waiting' | 'conflict' | 'setAside'

interface PostBase {
  /** The idempotency key; made here, so that however often it is sent it counts once. */
  readonly id: string
  readonly state: PostState
  readonly problem: Problem | null
  readonly madeAtMs: number
  readonly attempts: number
  /** Minor units. */
  readonly total: number
  readonly currency: string
}

export interface QueuedSale extends PostBase {
  readonly kind: 'sale'
  readonly input: PurchaseRecordInput
  /** The part of the total that points pay. */
  readonly byPoints: PaidWithPoints | null
  /** The scan itself, sent instead of an identification that has ended meanwhile. */
  readonly scan: DeferredScanInput | null
}

export interface QueuedReturn extends PostBase {
  readonly kind: 'return'
  readonly input: PurchaseReturnInput
}

export type QueuedPost = QueuedSale | QueuedReturn

export type PostResult =
  | {
      readonly kind: 'posted'
      readonly purchase: SaleFactsFragment
      readonly receipt: PointsReceiptFragment | null
      readonly duplicate: boolean
    }
  | { readonly kind: 'conflict'; readonly problem: Problem }
  /** Nothing was decided: send the same again later. `lineIsDown` says that the others need not be tried now. */
  | { readonly kind: 'later'; readonly lineIsDown: boolean }
  /** Send this instead, under the same key; nothing of the first was kept by the service. */
  | { readonly kind: 'instead'; readonly post: QueuedPost }

/** What a person can do about a conflict besides trying again and setting it aside. */
export type Remedy = 'withoutMember' | 'withoutReward' | 'withoutPoints' | 'withoutItem' | 'newReceiptNumber'

const REMEDIES: Partial<Record<Problem['code'], Remedy>> = {
  CODE_REFUSED: 'withoutMember',
  BEFORE_MEMBER_JOINED: 'withoutMember',
  IDENTIFICATION_UNKNOWN: 'withoutMember',
  REDEMPTION_NOT_FOUND: 'withoutReward',
  REDEMPTION_ENDED: 'withoutReward',
  REDEMPTION_NOT_ALLOWED: 'withoutReward',
  PAY_WITH_POINTS_NOT_ALLOWED: 'withoutPoints',
  PAY_WITH_POINTS_OUT_OF_RANGE: 'withoutPoints',
  NOT_ENOUGH_POINTS: 'withoutPoints',
  PRODUCT_UNKNOWN: 'withoutItem',
  RECEIPT_CONFLICT: 'newReceiptNumber',
}

export function remedyFor(post: QueuedPost): Remedy | null {
  const remedy = post.problem === null ? undefined : REMEDIES[post.problem.code]
  if (remedy === undefined || remedy === 'newReceiptNumber') return remedy ?? null
  if (post.kind === 'return') return null
  return remedy === 'withoutItem' && unknownItem(post) === null ? null : remedy
}

/** The sale as a sale to nobody: it is booked, and earns nothing. */
export function withoutMember(post: QueuedSale): QueuedSale {
  const nobody = { identification: null, deferredScan: null, redemptionIds: [] }
  return { ...withoutPoints(post), scan: null, input: { ...post.input, ...nobody, payWithPoints: null } }
}

export function withoutReward(post: QueuedSale): QueuedSale {
  return { ...post, input: { ...post.input, redemptionIds: [] } }
}

/** All of it is to be paid with money. */
export function withoutPoints(post: QueuedSale): QueuedSale {
  return { ...post, byPoints: null, input: { ...post.input, payWithPoints: null } }
}

/** The sale without the item that the service does not know; a sale of nothing else stays as it is. */
export function withoutItem(post: QueuedSale): QueuedSale {
  const item = unknownItem(post)
  if (item === null) return post
  const lines = post.input.lines.filter((line) => line !== item)
  return { ...post, total: post.total - toMinor(item.amount.amount, post.currency), input: { ...post.input, lines } }
}

export function unknownItem(post: QueuedSale): PurchaseLineInput | null {
  const { lines } = post.input
  const place = post.problem?.line ?? null
  return lines.length < 2 || place === null ? null : (lines[place] ?? null)
}

export function withReceiptNumber(post: QueuedPost, receiptNumber: string): QueuedPost {
  return post.kind === 'sale'
    ? { ...post, input: { ...post.input, receiptNumber } }
    : { ...post, input: { ...post.input, receiptNumber } }
}
