import { describe, expect, test } from 'vitest'
import { businessDate, ReceiptNumbers } from '../src/sale/receipt-number.ts'
import { Database } from '../src/storage/database.ts'
import { emptyDatabase } from './database.ts'

const TILL = 'til_0123456789abcdef01239f3a'

describe('the business date', () => {
  test("is the programme zone's calendar day", () => {
    const instant = Date.parse('2026-11-22T02:30:00Z')
    expect(businessDate(instant, 'America/New_York')).toBe('2026-11-21')
    expect(businessDate(instant, 'Europe/Berlin')).toBe('2026-11-22')
  })

  test('follows the zone through a change of the clocks', () => {
    expect(businessDate(Date.parse('2026-10-25T22:59:59Z'), 'Europe/Berlin')).toBe('2026-10-25')
    expect(businessDate(Date.parse('2026-10-25T23:00:00Z'), 'Europe/Berlin')).toBe('2026-10-26')
  })
})

describe('receipt numbers', () => {
  test('count up within a day and start again on the next', async () => {
    const numbers = new ReceiptNumbers(emptyDatabase(), TILL)
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-001')
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-002')
    expect(await numbers.next('2026-11-23')).toBe('261123-9F3A-001')
  })

  test('are never given twice, by any number of tabs at once', async () => {
    emptyDatabase()
    const tabs = Array.from({ length: 5 }, () => new ReceiptNumbers(new Database(), TILL))
    const given = await Promise.all(Array.from({ length: 50 }, (_, at) => tabs[at % 5]!.next('2026-11-22')))
    expect(new Set(given).size).toBe(50)
  })

  test('go on after what the service knows', async () => {
    const numbers = new ReceiptNumbers(emptyDatabase(), TILL)
    await numbers.continueAfter('2026-11-22', ['261122-9F3A-041', '261121-9F3A-099', '261122-0000-090', 'A-7', '261122-9F3A-x'])
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-042')
    await numbers.continueAfter('2026-11-22', ['261122-9F3A-003'])
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-043')
  })

  test('do not wrap at a thousand', async () => {
    const numbers = new ReceiptNumbers(emptyDatabase(), TILL)
    await numbers.continueAfter('2026-11-22', ['261122-9F3A-999'])
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-1000')
    await numbers.continueAfter('2026-11-22', ['261122-9F3A-1000'])
    expect(await numbers.next('2026-11-22')).toBe('261122-9F3A-1001')
  })
})
