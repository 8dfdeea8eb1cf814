import { describe, expect, test } from 'vitest'
// The file that the Python side is tested against too.
import vectors from '../../../../tests/wallet/vectors.json'
import { ALPHABET, decodeBase32, encodeBase32 } from '../src/base32.ts'
import { fromHex, toHex } from '../src/bytes.ts'
import { ean13IsValid, luhnIsValid, readCode } from '../src/index.ts'
import { deriveCardKey } from '../src/keys.ts'
import { encodeHead, encodeToken, macInput, parseToken, STEP_SECONDS } from '../src/token.ts'

interface Rotating {
  credential: string
  epoch: number
  flags: number
  step: number
}

interface Case {
  code: string
  kind: string
  fault?: string | undefined
}

const headOf = ({ epoch, flags, credential, step }: Rotating) => ({ epoch, flags, credentialId: credential, step })

async function codeOf(vector: Rotating, key: CryptoKey): Promise<string> {
  const head = encodeHead(headOf(vector))
  return encodeToken(head, new Uint8Array(await crypto.subtle.sign('HMAC', key, macInput(head))))
}

test('the alphabet and the step are the same', () => {
  expect(ALPHABET).toBe(vectors.alphabet)
  expect(STEP_SECONDS).toBe(vectors.stepSeconds)
})

describe('rotating codes', () => {
  test.each(vectors.rotating)('$code', async (vector) => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', fromHex(vector.key), hmac, false, ['sign'])
    expect(await codeOf(vector, key)).toBe(vector.code)
    expect(parseToken(vector.code)).toEqual({ ...headOf(vector), mac: fromHex(vector.mac) })
  })
})

test('device and server agree on the key', async () => {
  const vector = vectors.derivation
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  const privateKey = await crypto.subtle.importKey('jwk', vector.deviceKey, curve, false, ['deriveKey', 'deriveBits'])
  const key = await deriveCardKey(privateKey, vector.serverPublicKey, vector.credential)
  expect(await codeOf(vector, key)).toBe(vector.code)
})

describe('base32', () => {
  test.each(vectors.base32)('$text', ({ bytes, text }) => {
    expect(encodeBase32(fromHex(bytes))).toBe(text)
    expect(toHex(decodeBase32(text, bytes.length / 2) ?? new Uint8Array())).toBe(bytes)
  })

  test.each(vectors.base32Refused)('refused: $why', ({ text, length }) => {
    expect(decodeBase32(text, length)).toBeNull()
  })
})

test.each([...vectors.luhn])('%s passes Luhn, and no other last digit does', (number) => {
  const accepted = [...'0123456789'].filter((digit) => luhnIsValid(number.slice(0, -1) + digit))
  expect(accepted).toEqual([number.at(-1)])
})

test.each([...vectors.ean13])('%s passes EAN-13, and no other last digit does', (number) => {
  const accepted = [...'0123456789'].filter((digit) => ean13IsValid(number.slice(0, -1) + digit))
  expect(accepted).toEqual([number.at(-1)])
})

describe('reading', () => {
  test.each(vectors.parse)('$code', ({ code, kind, fault }: Case) => {
    const read = readCode(code)
    // To the service a product's barcode is no card code; to the till it is a product.
    if (fault === 'product') expect(read.kind).toBe('product')
    else expect(read).toMatchObject(kind === 'malformed' ? { kind, fault: camel(fault) } : { kind })
  })

  test.each([...vectors.static.map(({ code }) => ['static', code]), ...vectors.totp.map(({ code }) => ['totp', code])])(
    '%s %s',
    (kind, code) => expect(readCode(code ?? '').kind).toBe(kind),
  )
})

function camel(name = ''): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
