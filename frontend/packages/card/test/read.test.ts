import { describe, expect, test } from 'vitest'
import { groupDigits, gtinIsValid, readCode } from '../src/index.ts'

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

test.each(['96385074', '036000291452', '4006381333931', '10012345678902'])('%s has its check digit, and no other', (digits) => {
  for (let digit = 0; digit < 10; digit += 1) {
    expect(gtinIsValid(digits.slice(0, -1) + digit)).toBe(digits.endsWith(String(digit)))
  }
})
