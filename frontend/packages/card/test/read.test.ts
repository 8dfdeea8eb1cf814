import { describe, expect, test } from 'vitest'
import { groupDigits, readCode } from '../src/index.ts'

describe('what only the till meets', () => {
  test.each([
    ['LR0123456789ABCDEF', 'redemption'],
    ['lr0123456789abcdef', 'redemption'],
    ['LR0123456789ABCDEL', 'malformed'],
    ['4006381333931', 'product'],
    ['036000291452', 'product'],
    ['96385074', 'product'],
    ['4006381333932', 'malformed'],
  ])('%s is %s', (text, kind) => expect(readCode(text).kind).toBe(kind))
})

test('card numbers are grouped in fours', () => {
  expect(groupDigits('2900000000000007')).toBe('2900 0000 0000 0007')
  expect(groupDigits('29000')).toBe('2900 0')
})
