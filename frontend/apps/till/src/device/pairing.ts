import { ApiError, type ServerClock } from '@stampbook/gql'
import { makeSigningKey } from './assertion.ts'
import type { TillIdentity } from './identity.ts'

const CODE_LENGTH = 8

interface PairingAnswer {
  clientId: string
  tillId: string
  name: string
  store: { id: string; name: string }
}

/** The eight characters of a pairing link or of what was typed; null when it is something else. */
export function readPairingCode(text: string): string | null {
  const code = text
    .replace(/^#pair=/, '')
    .replace(/[\s-]/g, '')
    .toUpperCase()
  return /^[0-9A-Z]+$/.test(code) && code.length === CODE_LENGTH ? code : null
}

/**
 * Makes this till's key and registers it under a code that a manager asked for.
 * @throws ApiError `refused` when the code is wrong, used or too old; `offline` when nothing answered.
 */
export async function pair(
  code: string,
  label: string,
  clock: ServerClock,
  send: typeof fetch = fetch,
): Promise<TillIdentity> {
  const { privateKey, publicJwk } = await makeSigningKey()
  const issuer = await readIssuer(send)
  const sentAtMs = Date.now()
  const response = await ask(send, '/till/pair', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, jwk: publicJwk, label }),
  })
  learnTime(clock, response, sentAtMs)
  const body = (await response.json().catch(() => ({}))) as Partial<PairingAnswer> & { message?: string }
  if (!response.ok) throw refusal(response, body.message)
  const { clientId, tillId, name, store } = body as PairingAnswer
  return { clientId, tillId, name, store, issuer, privateKey }
}

/** Learns the service's time from the Date header, to a second: enough to sign with a till clock that is wrong. */
export function learnTime(clock: ServerClock, response: Response, sentAtMs: number): void {
  const date = Date.parse(response.headers.get('date') ?? '')
  if (Number.isFinite(date)) clock.learn(new Date(date).toISOString(), sentAtMs, Date.now())
}

/** Fetches, and says `offline` in the words of the GraphQL client when nothing answers. */
export async function ask(send: typeof fetch, url: string, init?: RequestInit): Promise<Response> {
  try {
    return await send(url, init)
  } catch {
    throw new ApiError('offline', 'No connection')
  }
}

async function readIssuer(send: typeof fetch): Promise<string> {
  const response = await ask(send, '/.well-known/openid-configuration')
  if (!response.ok) throw refusal(response)
  const { issuer } = (await response.json()) as { issuer: string }
  return issuer
}

function refusal(response: Response, message = `HTTP ${response.status}`): ApiError {
  if (response.status === 429) {
    return new ApiError('rateLimited', message, {
      retryAfter: Number(response.headers.get('retry-after')) || undefined,
    })
  }
  return new ApiError(response.status >= 500 ? 'broken' : 'refused', message)
}
