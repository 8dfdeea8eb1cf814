import type { CardIdentifyMutation, DeferredScanInput, MemberAtTillFragment } from '../generated/graphql.ts'
import type { Tone } from '../scan/feedback.ts'
import { emptyBasket, type Basket } from './basket.ts'
import type { PaidWithPoints } from './tender.ts'

export type Identification = CardIdentifyMutation['cardIdentify']

/** Who the sale is for. */
export type SaleMember =
  /** Known to the service; the identification names this basket and ends after a quarter of an hour. */
  | {
      readonly kind: 'identified'
      readonly identification: string
      readonly facts: MemberAtTillFragment | null
      readonly mayEarn: boolean
      readonly mayRedeem: boolean
      readonly scan: DeferredScanInput | null
    }
  /** Scanned while the line was down: the scan is kept and judged later. */
  | { readonly kind: 'noted'; readonly scan: DeferredScanInput }
  | { readonly kind: 'practice' }

/** What a scan came to, for the cashier. */
export interface Verdict {
  readonly tone: Tone
  readonly title: string
  /** As much of the member as the scan lets the till see, in one line. */
  readonly facts?: string
  readonly detail: string
  readonly about: 'scan' | 'member'
}

/** A sale that the service refused and that is being put right: it keeps its key and its number. */
export interface Reposting {
  readonly id: string
  readonly receiptNumber: string
  readonly businessDate: string
}

export interface SaleState {
  readonly basket: Basket
  /** The basket before its last change. */
  readonly previous: Basket | null
  readonly member: SaleMember | null
  /** What is said in the member's place. */
  readonly memberVerdict: Verdict | null
  /** What is said beside the scanner: about products and rewards, and about a second card that was not accepted. */
  readonly scanVerdict: Verdict | null
  /** Ids of the reservations to hand over with the sale. */
  readonly handOver: readonly string[]
  /** The part that the member pays with points. */
  readonly byPoints: PaidWithPoints | null
  readonly reposting: Reposting | null
  /** It is in the till's queue as it stands: from there it is posted, and not a second time from here. */
  readonly queued: boolean
  /** A barcode that waits for its price, because nothing is known of it while the line is down. */
  readonly unpriced: string | null
  /** A reward's code that was scanned without its member, or that was reserved after the card was scanned. */
  readonly looseReward: string | null
  /** A card has been sent to the service, which has not answered yet. */
  readonly reading: boolean
}

export type SaleAction =
  | { readonly type: 'change'; readonly change: (basket: Basket) => Basket }
  | { readonly type: 'undo' }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'member'; readonly member: SaleMember; readonly verdict: Verdict }
  | { readonly type: 'forgetMember' }
  | { readonly type: 'toggleHandOver'; readonly redemptionId: string }
  | { readonly type: 'handedOver'; readonly redemptionId: string }
  | { readonly type: 'payWithPoints'; readonly byPoints: PaidWithPoints | null }
  | { readonly type: 'unpriced'; readonly barcode: string | null }
  | { readonly type: 'reading' }
  | { readonly type: 'looseReward'; readonly code: string | null }
  | { readonly type: 'queued' }
  | { readonly type: 'repost'; readonly reposting: Reposting }
  | { readonly type: 'next' }

export function newSale(): SaleState {
  return {
    basket: emptyBasket(),
    previous: null,
    member: null,
    memberVerdict: null,
    scanVerdict: null,
    handOver: [],
    byPoints: null,
    reposting: null,
    queued: false,
    unpriced: null,
    looseReward: null,
    reading: false,
  }
}

export function saleReducer(state: SaleState, action: SaleAction): SaleState {
  switch (action.type) {
    case 'change':
      return { ...state, basket: action.change(state.basket), previous: state.basket, scanVerdict: null }
    case 'undo':
      return state.previous === null ? state : { ...state, basket: state.previous, previous: null }
    case 'verdict':
      // A card that is refused does not take the place of the member who is there already.
      return action.verdict.about === 'member' && state.member === null
        ? { ...state, memberVerdict: action.verdict, scanVerdict: null, reading: false }
        : { ...state, scanVerdict: action.verdict, reading: false }
    case 'member':
      return {
        ...state,
        member: action.member,
        memberVerdict: action.verdict,
        scanVerdict: null,
        handOver: [],
        byPoints: null,
        looseReward: null,
        reading: false,
      }
    case 'forgetMember':
      return { ...state, member: null, memberVerdict: null, handOver: [], byPoints: null }
    case 'toggleHandOver':
      return { ...state, handOver: toggled(state.handOver, action.redemptionId) }
    case 'handedOver':
      return { ...state, member: withoutRedemption(state.member, action.redemptionId) }
    case 'payWithPoints':
      return { ...state, byPoints: action.byPoints }
    case 'unpriced':
      return { ...state, unpriced: action.barcode }
    case 'reading':
      return { ...state, reading: true, scanVerdict: null }
    case 'looseReward':
      return { ...state, looseReward: action.code, scanVerdict: null }
    case 'queued':
      return { ...state, queued: true }
    case 'repost':
      return { ...state, reposting: action.reposting, queued: false }
    case 'next':
      return newSale()
  }
}

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item]
}

function withoutRedemption(member: SaleMember | null, id: string): SaleMember | null {
  if (member?.kind !== 'identified' || member.facts === null) return member
  const readyRedemptions = member.facts.readyRedemptions.filter((redemption) => redemption.id !== id)
  return { ...member, facts: { ...member.facts, readyRedemptions } }
}
