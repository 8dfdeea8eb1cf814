import { ProofKey, base64url, digest } from './proof.ts'

interface Tokens {
  access: string
  refresh: string | undefined
  /** Milliseconds of this device's clock. */
  expiresAt: number
}

interface Attempt {
  state: string
  verifier: string
  silent: boolean
}

const tokensKey = 'stampbook.tokens'
const attemptKey = 'stampbook.attempt'
/** Says only that somebody signed in here once: worth a silent try on the next visit, never a proof of anything. */
const knownKey = 'stampbook.known'
const scope = 'openid member:read points:read rewards:read'

/**
 * Signs in by redirect (authorization code with PKCE, RFC 7636) as a public client, and keeps what it gets for this tab only.
 * No cookies, no hidden frames: those stopped working across sites.
 */
export class SignIn {
  readonly #service: string
  readonly #clientId: string
  readonly #proof = new ProofKey()

  constructor(service: string, clientId: string) {
    this.#service = service
    this.#clientId = clientId
  }

  /** A token for a request, finishing a sign-in that just came back or refreshing an old one; undefined when nobody is signed in. */
  async token(): Promise<string | undefined> {
    await this.#finish()
    const tokens = read<Tokens>(tokensKey)
    if (!tokens) return undefined
    if (tokens.expiresAt > Date.now() + 10_000) return tokens.access
    if (!tokens.refresh) return this.forget()
    return (await this.#trade({ grant_type: 'refresh_token', refresh_token: tokens.refresh }))?.access ?? this.forget()
  }

  /** The header that proves the key of this browser for a request with the token. */
  proof(method: string, url: string, token: string): Promise<string> {
    return this.#proof.sign(method, url, token)
  }

  /** Whether a silent try is worth a redirect: somebody signed in here before, and this tab has not tried yet. */
  get worthTrying(): boolean {
    return localStorage.getItem(knownKey) === '1' && sessionStorage.getItem(knownKey) === null
  }

  /** Leaves for the service, and comes back to this page. @param silent only if that needs nothing of the person */
  async start({ silent = false } = {}): Promise<void> {
    const attempt: Attempt = { state: random(), verifier: random(), silent }
    sessionStorage.setItem(attemptKey, JSON.stringify(attempt))
    if (silent) sessionStorage.setItem(knownKey, 'tried')
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: this.#clientId,
      redirect_uri: redirectUri(),
      scope,
      state: attempt.state,
      code_challenge: base64url(await digest(attempt.verifier)),
      code_challenge_method: 'S256',
      ...(silent && { prompt: 'none' }),
    })
    location[silent ? 'replace' : 'assign'](`${this.#service}/authorize?${parameters}`)
  }

  forget(): undefined {
    sessionStorage.removeItem(tokensKey)
    return undefined
  }

  /** Takes the code out of the address once, and trades it. */
  async #finish(): Promise<void> {
    const answer = new URLSearchParams(location.search)
    const attempt = read<Attempt>(attemptKey)
    if (!attempt || answer.get('state') !== attempt.state) return
    sessionStorage.removeItem(attemptKey)
    for (const name of ['code', 'state', 'iss', 'error', 'error_description']) answer.delete(name)
    const code = new URLSearchParams(location.search).get('code')
    history.replaceState(history.state, '', location.pathname + (answer.size > 0 ? `?${answer}` : '') + location.hash)
    if (!code) return attempt.silent ? localStorage.removeItem(knownKey) : undefined
    await this.#trade({ grant_type: 'authorization_code', code, redirect_uri: redirectUri(), code_verifier: attempt.verifier })
    localStorage.setItem(knownKey, '1')
  }

  async #trade(form: Record<string, string>): Promise<Tokens | undefined> {
    const url = `${this.#service}/token`
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'omit',
      headers: { DPoP: await this.#proof.sign('POST', url) },
      body: new URLSearchParams({ client_id: this.#clientId, ...form }),
    })
    if (!response.ok) return undefined
    const { access_token, refresh_token, expires_in } = await response.json()
    const tokens: Tokens = { access: access_token, refresh: refresh_token, expiresAt: Date.now() + expires_in * 1000 }
    sessionStorage.setItem(tokensKey, JSON.stringify(tokens))
    return tokens
  }
}

/** This page without query and fragment: what the shop registered. */
const redirectUri = () => location.origin + location.pathname

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

function read<Value>(key: string): Value | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}
