import { ApiError } from '@stampbook/gql'
import { type Locale, duration } from '@stampbook/ui'
import type { Key } from '../i18n/index.ts'
import { FormError } from '@stampbook/gql/account'

/** Why the service refused: in the language of the screen where it has words for it, else as the service says it. */
export function refusalText({ code, message }: { code: string; message: string }, locale: Locale<Key>): string {
  const key = `refusal.${code.toUpperCase()}`
  return locale.says(key) ? locale.t(key) : message
}

/** What to tell a person about a request that failed. */
export function problemText(error: unknown, locale: Locale<Key>): string {
  if (error instanceof FormError && error.message) return refusalText(error, locale)
  if (!(error instanceof ApiError)) return locale.t('error.other')
  switch (error.kind) {
    case 'offline':
      return locale.t('error.offline')
    case 'signedOut':
      return locale.t('error.signedOut')
    case 'rateLimited':
      return error.retryAfter ? locale.t('error.rateLimited', { when: duration(locale, Math.max(60_000, error.retryAfter * 1000)) }) : locale.t('error.rateLimitedSoon')
    default:
      return error.correlationId ? `${locale.t('error.other')} ${locale.t('error.reference', { id: error.correlationId })}` : locale.t('error.other')
  }
}
