import type {
  CardIdentifyMutation,
  CardVerdict,
  PurchaseRecordErrorCode,
  PurchaseReturnErrorCode,
  RedemptionConfirmErrorCode,
} from '../generated/graphql.ts'

export type ProblemCode = PurchaseRecordErrorCode | PurchaseReturnErrorCode | RedemptionConfirmErrorCode | 'REFUSED'

/** What a card's answer means for the cashier: its verdict, told apart where the same one allows more or less. */
export type CardAnswer = CardVerdict | 'EARN_ONLY' | 'UNCLAIMED' | 'OUT_OF_STEP'

/** The service's sentences in another language; what has none is said as the service says it. */
export interface Said {
  readonly cards: Record<CardAnswer, string>
  readonly problems: Partial<Record<ProblemCode, string>>
}

/** What kind of answer this is to somebody who does not read its sentence. */
export function cardAnswer({ verdict, trust, mayEarn, member }: CardIdentifyMutation['cardIdentify']): CardAnswer {
  if (verdict === 'STALE' || verdict === 'CLOCK_AHEAD') return mayEarn ? 'OUT_OF_STEP' : verdict
  if (verdict !== 'FRESH') return verdict ?? 'MALFORMED'
  if (member?.unclaimed) return 'UNCLAIMED'
  return trust === 'STATIC' || trust === 'NUMBER' ? 'EARN_ONLY' : 'FRESH'
}
