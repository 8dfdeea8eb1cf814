import { ApiError, type ServerClock } from '@stampbook/gql'
import { clientAssertion } from './assertion.ts'
import type { TillIdentity } from './identity.ts'
import { ask, learnTime } from './pairing.ts'

/** A new token is asked for this long before the old one ends. */
const RENEW_BEFORE_MS = 60_000

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Token {
  readonly value: string
  /** By the service's clock. */
  readonly endsAtMs: number
}

interface TokenAnswer {
  access_token: string
  expires_in: number
}

/** Access tokens of this till: kept in memory only, renewed before they end, asked for once however many wait. */
export class TokenSource {
  readonly #identity: TillIdentity
  readonly #clock: ServerClock
  readonly #send: typeof fetch
  #token: Token | undefined
  #asking: Promise<Token> | undefined

  constructor(identity: TillIdentity, clock: ServerClock, send: typeof fetch = (...request) => fetch(...request)) {
    this.#identity = identity
    this.#clock = clock
    this.#send = send
  }

  /**
   * The value of an Authorization header.
   * @throws ApiError `offline` when nothing answers, `signedOut` when the service no longer knows this till.
   */
  async authorization(): Promise<string> {
    const token = this.#token
    if (token !== undefined && token.endsAtMs - this.#clock.now() > RENEW_BEFORE_MS) return `Bearer ${token.value}`
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    this.#token = await this.#asking
    return `Bearer ${this.#token.value}`
  }

  /** Forgets the token, because the service refused it. */
  drop(): void {
    this.#token = undefined
  }

  async #ask(): Promise<Token> {
    const first = await this.#exchange()
    // A clock that is wrong makes a good key look bad: the answer told the time, so try once more by it.
    const response = first.ok || first.status >= 500 || first.status === 429 ? first : await this.#exchange()
    if (response.ok) {
      const { access_token, expires_in } = (await response.json()) as TokenAnswer
      return { value: access_token, endsAtMs: this.#clock.now() + expires_in * 1000 }
    }
    if (response.status === 429) throw new ApiError('rateLimited', 'Too many requests')
    throw new ApiError(response.status >= 500 ? 'broken' : 'signedOut', `HTTP ${response.status}`)
  }

  async #exchange(): Promise<Response> {
    const { clientId, issuer, privateKey } = this.#identity
    const sentAtMs = Date.now()
    const response = await ask(this.#send, '/token', {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await clientAssertion(clientId, issuer, privateKey, this.#clock.now()),
      }),
    })
    learnTime(this.#clock, response, sentAtMs)
    return response
  }
}
