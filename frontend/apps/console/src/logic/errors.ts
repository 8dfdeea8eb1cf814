import { ApiError } from '@stampbook/gql'
import { FormError } from '@stampbook/gql/account'
import { needsProof } from '@stampbook/gql/proofs.ts'
import { type Locale, duration } from '@stampbook/ui'
import type { Key } from '../words/en.ts'

export interface UserError {
  field: string[] | null
  message: string
  code?: string
}

/** Why a form was refused: beside a field by its name, or beside none (`''`). */
export type Problems = Readonly<Record<string, string>>

/** Refusals by the last name of their path, those about a field that the form does not show under `''`. */
export function problemsOf(errors: readonly UserError[], shown: readonly string[]): Problems {
  const problems: Record<string, string> = {}
  for (const { field, message } of errors) {
    const name = field?.at(-1) ?? ''
    const place = shown.includes(name) ? name : ''
    problems[place] = problems[place] ? `${problems[place]} ${message}` : message
  }
  return problems
}

/** What to tell a person about a request that got no answer. */
export function problemText(error: unknown, locale: Locale<Key>): string {
  const { t } = locale
  if (needsProof(error)) return t('error.proof')
  if (error instanceof FormError && error.message) return error.message
  if (!(error instanceof ApiError)) return t('error.other')
  if (error.kind === 'rateLimited') return error.retryAfter ? t('error.rateLimited', { when: duration(locale, Math.max(60_000, error.retryAfter * 1000)) }) : t('error.rateLimitedSoon')
  if (error.kind === 'offline' || error.kind === 'signedOut' || error.kind === 'forbidden') return t(`error.${error.kind}`)
  if (error.kind === 'refused') return error.message
  return error.correlationId ? t('error.reference', { id: error.correlationId }) : t('error.other')
}
