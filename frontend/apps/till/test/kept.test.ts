import { beforeEach, describe, expect, test, vi } from 'vitest'
import { addProduct, keyOf } from '../src/sale/basket.ts'
import { keepSale, keptSale } from '../src/sale/kept.ts'
import { newSale, saleReducer, type SaleAction } from '../src/sale/state.ts'
import { coffee } from './fixtures.ts'

const add: SaleAction = { type: 'change', change: (basket) => addProduct(basket, coffee) }
const rungUp = () => saleReducer(newSale(), add)

describe('a sale that is being rung up', () => {
  beforeEach(() => {
    const kept = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => kept.set(key, text),
      removeItem: (key: string) => kept.delete(key),
    })
  })

  test('is there when the page is loaded anew, under the same id', () => {
    const state = rungUp()
    keepSale('til_1', state)
    expect(keptSale('til_1').basket).toEqual(state.basket)
    expect(keyOf(keptSale('til_1').basket)).toBe(keyOf(state.basket))
  })

  test("is not another till's", () => {
    keepSale('til_1', rungUp())
    expect(keptSale('til_2').basket.lines).toEqual([])
  })

  test.each<[string, SaleAction]>([
    ['it is in the queue', { type: 'queued' }],
    ['the next customer comes', { type: 'next' }],
    ['nothing is left in it', { type: 'undo' }],
  ])('does not come back when %s', (_when, action) => {
    keepSale('til_1', rungUp())
    keepSale('til_1', saleReducer(rungUp(), action))
    expect(keptSale('til_1').basket.lines).toEqual([])
  })

  test('comes back when the service refused it and it is being put right, under its key and number', () => {
    const reposting = { id: 'key', receiptNumber: '261122-001', businessDate: '2026-11-22' }
    const state = [{ type: 'queued' }, { type: 'repost', reposting }].reduce(
      (before, action) => saleReducer(before, action as SaleAction),
      rungUp(),
    )
    keepSale('til_1', state)
    expect(keptSale('til_1')).toMatchObject({ reposting, queued: false })
  })

  test('does not come back older than it was when there is no more room', () => {
    keepSale('til_1', rungUp())
    vi.spyOn(sessionStorage, 'setItem').mockImplementation(() => {
      throw new DOMException('No room', 'QuotaExceededError')
    })
    keepSale('til_1', saleReducer(rungUp(), add))
    expect(keptSale('til_1').basket.lines).toEqual([])
  })
})
