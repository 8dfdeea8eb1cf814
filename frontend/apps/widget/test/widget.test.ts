import { expect, test } from 'vitest'
import { nextReward } from '../src/next-reward.ts'
import { ProofKey, base64url, digest } from '../src/proof.ts'
import { speaker } from '../src/words.ts'

const bytesOf = (text = '') => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
const part = (text: string | undefined) => JSON.parse(new TextDecoder().decode(bytesOf(text)))

test('a proof names the request and the token, and verifies under the key it carries', async () => {
  const key = new ProofKey()
  const proof = await key.sign('POST', 'https://points.example/graphql', 'token')
  const [head, body, signature] = proof.split('.')
  expect(part(head)).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } })
  expect(part(head).jwk.d).toBeUndefined()
  expect(part(body)).toMatchObject({ htm: 'POST', htu: 'https://points.example/graphql', ath: base64url(await digest('token')) })
  const publicKey = await crypto.subtle.importKey('jwk', part(head).jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
  const signed = new TextEncoder().encode(`${head}.${body}`)
  expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, bytesOf(signature), signed)).toBe(true)
  expect(part((await key.sign('POST', 'https://points.example/token')).split('.')[1]).ath).toBeUndefined()
})

test('the next reward is the nearest out of reach, else the best within it', () => {
  const rewards = [
    { name: 'Eggs', price: 250 },
    { name: 'Box', price: 1500 },
    { name: '$5 off', price: 450 },
  ]
  const number = new Intl.NumberFormat('en')
  const say = speaker('en')
  expect(nextReward(rewards, 260, number, say)).toBe('190 to $5 off')
  expect(nextReward(rewards, 5000, number, say)).toBe('Box is yours')
  expect(nextReward([], 5000, number, say)).toBe('')
})
