import { toBase64Url } from '@stampbook/card'

const encoder = new TextEncoder()

/** Seconds that an assertion is good for; it is used at once. */
const LIFETIME_SECONDS = 60

/** Makes the P-256 key that this till signs in with; it can be used here but never read. */
export async function makeSigningKey(): Promise<{ privateKey: CryptoKey; publicJwk: JsonWebKey }> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { privateKey: pair.privateKey, publicJwk: { kty, crv, x, y } as JsonWebKey }
}

/**
 * The JWT by which a till proves itself at the token endpoint, RFC 7523 section 2.2, signed ES256.
 * @param nowMs by the service's clock, in milliseconds since 1970
 */
export async function clientAssertion(
  clientId: string,
  audience: string,
  privateKey: CryptoKey,
  nowMs: number,
): Promise<string> {
  const issuedAt = Math.floor(nowMs / 1000)
  const header = { alg: 'ES256', typ: 'JWT' }
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  }
  const signed = `${toJsonPart(header)}.${toJsonPart(claims)}`
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, encoder.encode(signed))
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`
}

function toJsonPart(value: object): string {
  return toBase64Url(encoder.encode(JSON.stringify(value)))
}
