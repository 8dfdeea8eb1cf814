import type { ReadCode } from '@stampbook/card'
import { ApiError } from '@stampbook/gql'
import type { Locale } from '@stampbook/ui'
import type { CardVerdict } from '../generated/graphql.ts'
import type { Identification, Verdict } from '../sale/state.ts'
import type { Words } from '../words/index.ts'
import { cardAnswer, type Said } from '../words/said.ts'
import type { Tone } from './feedback.ts'

/** By which way a code came in. */
export type ScanSource = 'camera' | 'wedge' | 'typed'

interface Speaker {
  readonly t: Locale<Words>['t']
  readonly points: (count: number) => string
  /** The service's sentences in the till's language; null where it is theirs. */
  readonly said: Said | null
}

/** What the service said about a card, in the large type that a cashier sees. */
export function verdictOf(answer: Identification, { t, points, said }: Speaker): Verdict {
  const { verdict, member, mayEarn } = answer
  const message = said === null ? answer.message : said.cards[cardAnswer(answer)]
  const tone: Tone = verdict === 'FRESH' ? 'good' : mayEarn ? 'warn' : 'bad'
  if (!mayEarn) return { tone, title: refusedTitle(verdict, t), detail: message, about: 'member' }
  if (member === null) return { tone, title: t('verdictEarnOnly'), detail: message, about: 'member' }
  const ready = member.readyRedemptions.length
  const facts = [
    member.tierName,
    member.balance && points(member.balance.active),
    answer.mayRedeem && ready > 0 && t('rewardsReady', { n: ready }),
  ]
  const title = member.firstName || t('cardEnding', { digits: member.cardNumberEnding })
  return { tone, title, facts: facts.filter(Boolean).join(' · '), detail: message, about: 'member' }
}

/** A text that is no code at all. */
export function malformedVerdict(code: ReadCode & { kind: 'malformed' }, source: ScanSource, { t }: Speaker): Verdict {
  const about = 'scan'
  if (code.fault === 'keyboard') {
    return { tone: 'bad', title: t('malformedKeyboard'), detail: t('malformedKeyboardDetail'), about }
  }
  if (code.fault === 'checkDigit') {
    return { tone: 'bad', title: t('malformedDigit'), detail: t('malformedDigitDetail'), about }
  }
  const hint = source === 'wedge' ? ` ${t('malformedScanned')}` : ''
  return { tone: 'bad', title: t('malformedShape'), detail: t('malformedShapeDetail') + hint, about }
}

/** A card that could not be asked about although the line is up. */
export function failureVerdict(error: ApiError, { t }: Speaker): Verdict {
  const about = 'member'
  if (error.kind === 'rateLimited') {
    return {
      tone: 'warn',
      title: t('limitedTitle'),
      detail: t('limitedDetail', { seconds: error.retryAfter ?? 30 }),
      about,
    }
  }
  return { tone: 'bad', title: t('failedTitle'), detail: t('failedDetail'), about }
}

function refusedTitle(verdict: CardVerdict | null, t: Locale<Words>['t']): string {
  return t(verdict === null || verdict === 'FRESH' ? 'refusedTitle' : `refusedTitle_${verdict}`)
}
