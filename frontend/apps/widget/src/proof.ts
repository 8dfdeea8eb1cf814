import { type Store, openStore } from '@stampbook/gql'

const keyName = 'proof'

/**
 * The key that tokens of this browser are bound to (RFC 9449). Script can use it, but never read it, so a stolen token
 * is worth nothing elsewhere.
 */
export class ProofKey {
  readonly #store: Store = openStore('stampbook-widget')
  #pair: Promise<CryptoKeyPair> | undefined

  /** A proof for one request. @param token the access token it goes with, at a resource */
  async sign(method: string, url: string, token?: string): Promise<string> {
    const { privateKey, publicKey } = await (this.#pair ??= this.#load())
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
    const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }
    const body = {
      jti: crypto.randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(Date.now() / 1000),
      ...(token && { ath: base64url(await digest(token)) }),
    }
    const text = `${encode(head)}.${encode(body)}`
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, new TextEncoder().encode(text))
    return `${text}.${base64url(signature)}`
  }

  async #load(): Promise<CryptoKeyPair> {
    const kept = await this.#store.get<CryptoKeyPair>(keyName)
    if (kept) return kept.value
    const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    await this.#store.set(keyName, made)
    return made
  }
}

export const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

export const base64url = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

const encode = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)))
