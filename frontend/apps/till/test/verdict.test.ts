import { readCode } from '@stampbook/card'
import { ApiError } from '@stampbook/gql'
import { Locale } from '@stampbook/ui'
import { describe, expect, test } from 'vitest'
import type { MemberAtTillFragment } from '../src/generated/graphql.ts'
import type { Identification } from '../src/sale/state.ts'
import { failureVerdict, malformedVerdict, verdictOf } from '../src/scan/verdict.ts'
import { en } from '../src/words/en.ts'

const locale = new Locale('en', en)
const speaker = { t: locale.t, said: null, points: (count: number) => `${locale.number(count)} points` }

const member: MemberAtTillFragment = {
  firstName: 'Amira',
  tierName: 'Gold',
  cardNumberEnding: '0007',
  affordableRewards: 3,
  unclaimed: false,
  balance: { active: 1240, pending: 0, reserved: 0, deficit: 0 },
  readyRedemptions: [],
}
const fresh: Identification = {
  verdict: 'FRESH',
  trust: 'ROTATING',
  message: 'Card read.',
  mayEarn: true,
  maySeeBalance: true,
  mayRedeem: true,
  identification: 'idf_1',
  member,
  userErrors: [],
}

describe('a card', () => {
  test('that is fresh says who, which tier and how many points', () => {
    expect(verdictOf(fresh, speaker)).toEqual({
      tone: 'good',
      title: 'Amira',
      facts: 'Gold · 1,240 points',
      detail: 'Card read.',
      about: 'member',
    })
  })

  test('without a first name is known by its last digits', () => {
    expect(verdictOf({ ...fresh, member: { ...member, firstName: '' } }, speaker).title).toBe('Card ending 0007')
  })

  test('that only earns says no more than that', () => {
    expect(verdictOf({ ...fresh, trust: 'NUMBER', mayRedeem: false, member: null }, speaker)).toMatchObject({
      tone: 'good',
      title: 'Earns points',
    })
  })

  test('that is stale but earns is a warning', () => {
    expect(verdictOf({ ...fresh, verdict: 'STALE' }, speaker).tone).toBe('warn')
  })

  test.each([
    'STALE',
    'CLOCK_AHEAD',
    'REPLAY',
    'MALFORMED',
    'UNKNOWN',
    'REVOKED',
    'BLOCKED',
    'REPLACED',
    'WRONG_PROGRAMME',
    'LOCKED',
  ] as const)('refused as %s has a title of its own', (verdict) => {
    const said = verdictOf({ ...fresh, verdict, mayEarn: false, member: null }, speaker)
    expect(said.tone).toBe('bad')
    expect(said.title).not.toBe(en.refusedTitle)
  })
})

describe('a text that is no code', () => {
  const said = (text: string, source: 'wedge' | 'typed') => {
    const code = readCode(text)
    if (code.kind !== 'malformed') throw new Error('this is a code')
    return malformedVerdict(code, source, speaker)
  }

  test('from a scanner with swapped letters names the keyboard', () => {
    expect(said('LZ0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX', 'wedge').title).toBe('Scanner keyboard mismatch')
  })

  test('with a wrong digit says so', () => {
    expect(said('2900000000000008', 'typed').title).toBe('One digit is wrong')
  })

  test('hints at the keyboard only when a scanner sent it', () => {
    expect(said('HELLO WORLD', 'wedge').detail).toContain(en.malformedScanned)
    expect(said('HELLO WORLD', 'typed').detail).not.toContain(en.malformedScanned)
  })
})

test('too many scans say how long to wait', () => {
  expect(failureVerdict(new ApiError('rateLimited', '', { retryAfter: 12 }), speaker)).toMatchObject({
    tone: 'warn',
    detail: 'Wait 12 seconds, then scan again.',
  })
})
