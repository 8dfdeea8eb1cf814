import { ServerClock } from '@stampbook/gql'
import { describe, expect, test } from 'vitest'
import { clientAssertion, makeSigningKey } from '../src/device/assertion.ts'
import type { TillIdentity } from '../src/device/identity.ts'
import { pair, readPairingCode } from '../src/device/pairing.ts'
import { TokenSource } from '../src/device/token.ts'

const NOON = Date.parse('2026-11-22T12:00:00Z')

const decode = (part = '') =>
  JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>
const bytes = (part: string) =>
  Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

describe('the assertion that signs a till in', () => {
  test('says who, to whom and until when, and verifies with the registered key', async () => {
    const { privateKey, publicJwk } = await makeSigningKey()
    const jwt = await clientAssertion('till-7', 'https://shop.example', privateKey, NOON)
    const [header, claims, signature] = jwt.split('.') as [string, string, string]
    expect(decode(header)).toEqual({ alg: 'ES256', typ: 'JWT' })
    expect(decode(claims)).toEqual({
      iss: 'till-7',
      sub: 'till-7',
      aud: 'https://shop.example',
      jti: expect.any(String),
      iat: NOON / 1000,
      exp: NOON / 1000 + 60,
    })
    const key = await crypto.subtle.importKey('jwk', publicJwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'verify',
    ])
    const signed = new TextEncoder().encode(`${header}.${claims}`)
    expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes(signature), signed)).toBe(true)
  })

  test('is never the same twice', async () => {
    const { privateKey } = await makeSigningKey()
    const make = () => clientAssertion('till-7', 'https://shop.example', privateKey, NOON)
    expect(await make()).not.toBe(await make())
  })

  test('is signed by a key that cannot be read', async () => {
    const { privateKey, publicJwk } = await makeSigningKey()
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow()
    expect(Object.keys(publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y'])
  })
})

/** A token endpoint that lets `answers` pass in turn and counts. */
async function tillWith(...answers: (() => Response)[]) {
  const { privateKey } = await makeSigningKey()
  const identity: TillIdentity = {
    clientId: 'till-7',
    tillId: 'til_7',
    name: 'Till 7',
    store: { id: 'str_1', name: 'Store 1' },
    issuer: 'https://shop.example',
    privateKey,
  }
  const asked: URLSearchParams[] = []
  const clock = new ServerClock()
  const tokens = new TokenSource(identity, clock, async (_, init) => {
    asked.push(init?.body as URLSearchParams)
    const answer = answers.shift()
    if (answer === undefined) throw new TypeError('Failed to fetch')
    return answer()
  })
  return { tokens, asked, clock }
}

const token =
  (value: string, expiresIn = 600) =>
  () =>
    Response.json({ access_token: value, token_type: 'Bearer', expires_in: expiresIn })
const refused = (date?: string) => () =>
  Response.json({ error: 'invalid_client' }, { status: 401, headers: date ? { date } : {} })

describe('tokens', () => {
  test('are asked for once, however many wait, and used until shortly before they end', async () => {
    const { tokens, asked } = await tillWith(token('one'))
    const headers = await Promise.all([tokens.authorization(), tokens.authorization()])
    expect(headers).toEqual(['Bearer one', 'Bearer one'])
    expect(await tokens.authorization()).toBe('Bearer one')
    expect(asked).toHaveLength(1)
    expect(asked[0]?.get('grant_type')).toBe('client_credentials')
    expect(asked[0]?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
  })

  test('are renewed in their last minute', async () => {
    const { tokens } = await tillWith(token('one', 59), token('two'))
    await tokens.authorization()
    expect(await tokens.authorization()).toBe('Bearer two')
  })

  test('are asked for anew when the service refused one', async () => {
    const { tokens } = await tillWith(token('one'), token('two'))
    await tokens.authorization()
    tokens.drop()
    expect(await tokens.authorization()).toBe('Bearer two')
  })

  test("are signed for by the service's clock after a refusal told it", async () => {
    const { tokens, asked } = await tillWith(refused('Sun, 22 Nov 2037 12:00:00 GMT'), token('one'))
    expect(await tokens.authorization()).toBe('Bearer one')
    const { iat } = decode(asked[1]?.get('client_assertion')?.split('.')[1]) as { iat: number }
    expect(Math.abs(iat - Date.parse('2037-11-22T12:00:00Z') / 1000)).toBeLessThan(5)
  })

  test('a till that is switched off learns so; a line that is down is not that', async () => {
    const off = await tillWith(refused(), refused())
    await expect(off.tokens.authorization()).rejects.toMatchObject({ kind: 'signedOut' })
    const down = await tillWith()
    await expect(down.tokens.authorization()).rejects.toMatchObject({ kind: 'offline' })
  })
})

describe('pairing', () => {
  test.each([
    ['#pair=ABCD2345', 'ABCD2345'],
    ['abcd-2345', 'ABCD2345'],
    [' ABCD 2345 ', 'ABCD2345'],
    ['ABCD234', null],
    ['', null],
    ['#other=1', null],
  ])('reads %s', (text, code) => expect(readPairingCode(text)).toBe(code))

  test('registers the public half of a new key and keeps the private one', async () => {
    const posted: Record<string, unknown>[] = []
    const send: typeof fetch = async (url, init) => {
      if (String(url).endsWith('openid-configuration')) return Response.json({ issuer: 'https://shop.example' })
      posted.push(JSON.parse(init?.body as string) as Record<string, unknown>)
      return Response.json(
        { clientId: 'till-7', tillId: 'til_7', name: 'Till 7', store: { id: 'str_1', name: 'Store 1' } },
        { status: 201 },
      )
    }
    const identity = await pair('ABCD2345', 'Front till', new ServerClock(), send)
    expect(posted).toMatchObject([{ code: 'ABCD2345', label: 'Front till', jwk: { kty: 'EC', crv: 'P-256' } }])
    expect(posted[0]?.jwk).not.toHaveProperty('d')
    expect(identity).toMatchObject({ clientId: 'till-7', issuer: 'https://shop.example' })
    expect(identity.privateKey.extractable).toBe(false)
  })

  test('says what the service said about a wrong code', async () => {
    const send: typeof fetch = async (url) =>
      String(url).endsWith('openid-configuration')
        ? Response.json({ issuer: 'https://shop.example' })
        : Response.json({ error: 'invalid_code', message: 'This code was used already.' }, { status: 400 })
    await expect(pair('ABCD2345', '', new ServerClock(), send)).rejects.toMatchObject({
      kind: 'refused',
      message: 'This code was used already.',
    })
  })
})
