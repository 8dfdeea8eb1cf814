import { type Locale } from '@stampbook/ui'
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { QueuedPost } from '../queue/post.ts'
import { toDecimal } from '../sale/money.ts'
import type { Language, Words } from '../words/index.ts'
import { isolated } from '../words/locale.ts'
import type { ProblemCode, Said } from '../words/said.ts'
import type { Programme } from './programme.ts'
import type { TillSession, TillStatus } from './session.ts'

export interface TillContext {
  readonly session: TillSession
  readonly programme: Programme
  readonly locale: Locale<Words>
  readonly chooseLanguage: (language: Language) => void
  /** The service's sentences in the till's language; null where it is theirs. */
  readonly said: Said | null
}

export const Till = createContext<TillContext | null>(null)

/** The paired till that a screen belongs to. */
export function useTill(): TillContext {
  const till = useContext(Till)
  if (till === null) throw new Error('This screen needs a paired till.')
  return till
}

/** Says why the service refused: in the till's language where it has words for it, else in the service's. */
export function useProblems(): (problem: { readonly code: ProblemCode; readonly message: string }) => string {
  const { said } = useTill()
  return ({ code, message }) => said?.problems[code] ?? message
}

export function useStatus(session: TillSession): TillStatus {
  const [status, setStatus] = useState(session.status)
  useEffect(() => {
    setStatus(session.status)
    return session.onStatus(setStatus)
  }, [session])
  return status
}

/** Everything that the service has not confirmed, oldest first, as it changes. */
export function useQueue(session: TillSession): readonly QueuedPost[] {
  const [posts, setPosts] = useState<readonly QueuedPost[]>([])
  useEffect(() => {
    const read = () => void session.queue.all().then(setPosts)
    read()
    return session.queue.onChange(read)
  }, [session])
  return posts
}

interface Figures {
  readonly money: (minor: number) => string
  /** As it stands in a field: only digits and the language's own decimal sign, both of which are read back. */
  readonly typed: (minor: number) => string
  readonly points: (count: number) => string
  /** Of a hundred. */
  readonly percent: (share: number) => string
}

/** Writes amounts, points and shares the way this programme and language do. */
export function useFigures(): Figures {
  const { programme, locale } = useTill()
  return {
    money: (minor) =>
      locale
        .money({ amount: toDecimal(minor, programme.currencyCode), currencyCode: programme.currencyCode })
        .replace('-', '−'),
    typed: (minor) => toDecimal(minor, programme.currencyCode).replace('.', decimalSign(locale.language)),
    points: (count) => {
      const one = new Intl.PluralRules(locale.language).select(count) === 'one'
      const text = `${locale.number(count)} ${one ? programme.pointsNameOne : programme.pointsNameOther}`
      return locale.direction === 'ltr' ? text : isolated(text)
    },
    percent: (share) => new Intl.NumberFormat(locale.language, { style: 'percent' }).format(share / 100),
  }
}

/** A comma or a point. */
function decimalSign(language: string): string {
  const parts = new Intl.NumberFormat(language, { numberingSystem: 'latn' }).formatToParts(0.5)
  return parts.find(({ type }) => type === 'decimal')?.value ?? '.'
}
