import { describe, expect, test } from 'vitest'
import {
  addUnpriced,
  addProduct,
  emptyBasket,
  itemCount,
  MOST_OF_ONE,
  setQuantity,
  setUnit,
  total,
} from '../src/sale/basket.ts'
import { parseMoney, toDecimal, toMinor } from '../src/sale/money.ts'
import { coffee, milk } from './fixtures.ts'

describe('the basket', () => {
  test('counts the same product up', () => {
    const basket = addProduct(addProduct(addProduct(emptyBasket(), coffee), milk), coffee)
    expect(basket.lines.map(({ name, quantity }) => [name, quantity])).toEqual([
      ['Ground coffee', 2],
      ['Milk', 1],
    ])
    expect(total(basket)).toBe(2 * 499 + 129)
    expect(itemCount(basket)).toBe(3)
  })

  test('keeps a reduced one apart', () => {
    const one = addProduct(emptyBasket(), coffee)
    const reduced = setUnit(one, one.lines[0]!.key, 399)
    expect(addProduct(reduced, coffee).lines.map(({ unit }) => unit)).toEqual([399, 499])
  })

  test('removes at zero and holds at the most', () => {
    const one = addUnpriced(emptyBasket(), '4006381333931', 'Item 4006381333931', 150)
    const key = one.lines[0]!.key
    expect(setQuantity(one, key, 0).lines).toEqual([])
    expect(setQuantity(one, key, 5000).lines[0]?.quantity).toBe(MOST_OF_ONE)
  })
})

describe('money', () => {
  test.each([
    [1240, 'USD', '12.40'],
    [5, 'USD', '0.05'],
    [0, 'EUR', '0.00'],
    [-250, 'USD', '-2.50'],
    [120, 'JPY', '120'],
    [1234, 'KWD', '1.234'],
  ])('%i minor units of %s are %s', (minor, currency, decimal) => {
    expect(toDecimal(minor, currency)).toBe(decimal)
    expect(toMinor(decimal, currency)).toBe(minor)
  })

  test.each([
    ['12,40', 1240],
    ['12.4', 1240],
    ['12', 1200],
    ['12.', 1200],
    ['0.009', null],
    ['12.400', 1240],
    ['-1', null],
    ['1e3', null],
    ['', null],
  ])('typed %s', (typed, minor) => expect(parseMoney(typed, 'USD')).toBe(minor))
})
