import 'fake-indexeddb/auto'
import { afterEach, describe, expect, test } from 'vitest'
import { fromBase64Url, fromHex, toBase64Url } from '../src/bytes.ts'
import { createDevice, forget, loadCredential, parseToken, register, rotatingCode, syncClock } from '../src/index.ts'
import { macInput, encodeHead } from '../src/token.ts'

const CREDENTIAL_ID = 'a1b2c3d4e5f60718'
const NOON = Date.parse('2026-11-22T12:00:00.000Z')

afterEach(forget)

/** The server's half of the agreement, done with the operations that the service uses: raw ECDH, then HKDF. */
async function serverSide(): Promise<{ publicKey: string; keyFor: (devicePoint: string) => Promise<CryptoKey> }> {
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits'])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const keyFor = async (devicePoint: string): Promise<CryptoKey> => {
    const device = await crypto.subtle.importKey('raw', fromBase64Url(devicePoint), curve, false, [])
    const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: device }, pair.privateKey, 256)
    const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits'])
    const hkdf = {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: fromHex(CREDENTIAL_ID),
      info: new TextEncoder().encode('LYCARD1'),
    }
    const bits = await crypto.subtle.deriveBits(hkdf, material, 256)
    return crypto.subtle.importKey('raw', bits, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify', 'sign'])
  }
  return { publicKey: toBase64Url(point), keyFor }
}

async function registered(serverTime = '2026-11-22T12:00:00.000Z') {
  const server = await serverSide()
  const device = await createDevice()
  const credential = await register(
    { credentialId: CREDENTIAL_ID, epoch: 3, serverKey: server.publicKey, serverTime },
    { sentAtMs: NOON, receivedAtMs: NOON },
  )
  return { server, device, credential }
}

describe('a registered device', () => {
  test("makes codes that the server's own key confirms", async () => {
    const { server, device, credential } = await registered()
    const code = await rotatingCode(credential, NOON)
    const token = parseToken(code.text)
    expect(token).toMatchObject({ epoch: 3, flags: 0, credentialId: CREDENTIAL_ID, step: NOON / 30000 })
    const key = await server.keyFor(device.publicKey)
    const expected = new Uint8Array(await crypto.subtle.sign('HMAC', key, macInput(encodeHead(token!))))
    expect(token?.mac).toEqual(expected.slice(0, 12))
  })

  test('keeps its key out of reach', async () => {
    const { credential } = await registered()
    await expect(crypto.subtle.exportKey('raw', credential.key)).rejects.toThrow()
  })

  test('is found again after a restart', async () => {
    const { credential } = await registered()
    const found = await loadCredential()
    expect(await rotatingCode(found!, NOON)).toEqual(await rotatingCode(credential, NOON))
  })

  test('keeps its key pair until it is forgotten', async () => {
    const first = await createDevice()
    expect(await createDevice()).toEqual(first)
    await forget()
    expect(await createDevice()).not.toEqual(first)
    expect(await loadCredential()).toBeNull()
  })

  test('cannot be registered before it has a key', async () => {
    const { publicKey } = await serverSide()
    const answer = { credentialId: CREDENTIAL_ID, epoch: 0, serverKey: publicKey, serverTime: '2026-11-22T12:00:00Z' }
    await expect(register(answer)).rejects.toThrow('no card key')
  })
})

describe('the clock', () => {
  test("a phone that is ten minutes slow shows the server's step", async () => {
    const { credential } = await registered('2026-11-22T12:10:00.000Z')
    expect((await rotatingCode(credential, NOON)).step).toBe(NOON / 30000 + 20)
  })

  test('a code is replaced at the end of its step', async () => {
    const { credential } = await registered()
    expect((await rotatingCode(credential, NOON)).validForMs).toBe(30000)
    expect((await rotatingCode(credential, NOON + 29999)).validForMs).toBe(1)
    expect((await rotatingCode(credential, NOON + 30000)).validForMs).toBe(30000)
  })

  test('says so after a week without the server, until the next answer', async () => {
    const { credential } = await registered()
    const later = NOON + 8 * 24 * 3600 * 1000
    expect(parseToken((await rotatingCode(credential, later)).text)?.flags).toBe(1)
    const synced = await syncClock(credential, new Date(later).toISOString(), { sentAtMs: later, receivedAtMs: later })
    expect(parseToken((await rotatingCode(synced, later)).text)?.flags).toBe(0)
    expect((await loadCredential())?.clock.measuredAtMs).toBe(later)
  })

  test('a late answer does not bring back a forgotten card', async () => {
    const { credential } = await registered()
    await forget()
    await syncClock(credential, '2026-11-22T12:00:00Z', { sentAtMs: NOON, receivedAtMs: NOON })
    expect(await loadCredential()).toBeNull()
  })

  test('a member who asks to redeem is marked', async () => {
    const { credential } = await registered()
    expect(parseToken((await rotatingCode(credential, NOON, { wantsToRedeem: true })).text)?.flags).toBe(2)
  })
})
