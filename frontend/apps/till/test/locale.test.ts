import { expect, test } from 'vitest'
import { loadSpeech } from '../src/words/index.ts'
import { TillLocale } from '../src/words/locale.ts'

const PAY = { amount: '-12.50', currencyCode: 'USD' }

test('names, numbers and amounts keep together among words from right to left', async () => {
  const arabic = new TillLocale('ar', await loadSpeech('ar'))
  expect(arabic.direction).toBe('rtl')
  expect(arabic.t('receiptNumber', { number: '261122-9F3A-001' })).toBe('إيصال \u2068261122-9F3A-001\u2069')
  expect(arabic.money(PAY)).toMatch(/^\u2066[^\u200e\u200f\u061c]*12\.50[^\u200e\u200f\u061c]*\u2069$/)
  expect(arabic.signed(-5)).toBe('\u2066−5\u2069')
})

test('nothing is marked where all runs from left to right', async () => {
  const english = new TillLocale('en', await loadSpeech('en'))
  expect(english.t('receiptNumber', { number: 'A-1' })).toBe('Receipt A-1')
  expect(english.money(PAY)).toBe('-$12.50')
})
