import { expect, test } from 'vitest'
import { Locale, duration, nearDay } from '../src/index.ts'

const en = { ready: { one: '{n} reward ready', other: '{n} rewards ready' }, hello: 'Hello {name}' }
const ar = { ready: { zero: 'لا مكافآت', one: 'مكافأة واحدة', two: 'مكافأتان', few: '{n} مكافآت', many: '{n} مكافأة', other: '{n} مكافأة' }, hello: 'مرحبا {name}' }

test('plurals by the language, numbers its way', () => {
  const english = new Locale('en', en)
  expect(english.t('ready', { n: 1 })).toBe('1 reward ready')
  expect(english.t('ready', { n: 1240 })).toBe('1,240 rewards ready')
  expect(english.t('hello', { name: 'Amira' })).toBe('Hello Amira')
  expect(english.t('hello')).toBe('Hello {name}')
  const arabic = new Locale('ar', ar)
  expect(arabic.direction).toBe('rtl')
  expect(arabic.t('ready', { n: 2 })).toBe('مكافأتان')
  expect(arabic.t('ready', { n: 5 })).toMatch(/مكافآت/)
})

test('a sign is a real minus, money has its currency', () => {
  const english = new Locale('en', en)
  expect(english.signed(120)).toBe('+120')
  expect(english.signed(-40)).toBe('−40')
  expect(english.signed(0)).toBe('0')
  expect(new Locale('de', en).money({ amount: '50.00', currencyCode: 'EUR' })).toBe('50,00\u00a0€')
})

test('days are told in the zone of the programme', () => {
  const english = new Locale('en-GB', en, { timeZone: 'America/New_York' })
  expect(english.dayKey('2027-04-01T03:59:59Z')).toBe('2027-03-31')
  expect(english.day('2099-04-01T03:59:59Z')).toBe('31 March 2099')
  expect(english.calendarDay('2027-03-31')).toBe('31 March 2027')
  expect(nearDay(english, '2026-11-22T12:00:00Z', new Date('2026-11-23T02:00:00Z'))).toBe('today')
  expect(nearDay(english, '2026-11-21T12:00:00Z', new Date('2026-11-23T02:00:00Z'))).toBe('yesterday')
  expect(nearDay(english, '2026-11-01T12:00:00Z', new Date('2026-11-23T02:00:00Z'))).toBeUndefined()
})

test('what is left is told in one unit', () => {
  const english = new Locale('en', en)
  expect(duration(english, 4 * 60_000)).toBe('4 minutes')
  expect(duration(english, 23.6 * 3_600_000)).toBe('24 hours')
  expect(duration(english, 5 * 86_400_000)).toBe('5 days')
})
