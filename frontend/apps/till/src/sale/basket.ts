import type { KnownProduct } from './product.ts'

/** One line of a sale being rung up; `unit` is the price of one in minor units. */
export interface BasketLine {
  readonly key: string
  /** Null for a barcode that this till had not met while the line was down; the service knows it. */
  readonly product: KnownProduct | null
  readonly barcode: string | null
  readonly name: string
  readonly quantity: number
  readonly unit: number
}

/** A sale being rung up. Its id names the basket to the service, so that a repeated scan in it gives the same answer. */
export interface Basket {
  readonly id: string
  readonly lines: readonly BasketLine[]
}

export const MOST_OF_ONE = 999
const PREFIX = 'bsk_'

export function emptyBasket(): Basket {
  return { id: PREFIX + crypto.randomUUID(), lines: [] }
}

/** The idempotency key under which the sale of this basket is posted. */
export function keyOf(basket: Basket): string {
  return basket.id.slice(PREFIX.length)
}

/** Adds one; a product that is already there at its usual price becomes one more of the same line. */
export function addProduct(basket: Basket, product: KnownProduct): Basket {
  const same = basket.lines.find((line) => line.product?.id === product.id && line.unit === product.unit)
  if (same !== undefined) return setQuantity(basket, same.key, same.quantity + 1)
  return append(basket, { product, barcode: null, name: product.name, unit: product.unit })
}

/** Adds a barcode whose product is not known here, at the price on the shelf. */
export function addUnpriced(basket: Basket, barcode: string, name: string, unit: number): Basket {
  return append(basket, { product: null, barcode, name, unit })
}

/** Zero removes the line; more than can be sold at once is held at the most. */
export function setQuantity(basket: Basket, key: string, quantity: number): Basket {
  if (quantity <= 0) return { ...basket, lines: basket.lines.filter((line) => line.key !== key) }
  return change(basket, key, { quantity: Math.min(quantity, MOST_OF_ONE) })
}

export function setUnit(basket: Basket, key: string, unit: number): Basket {
  return change(basket, key, { unit })
}

export function lineAmount({ quantity, unit }: BasketLine): number {
  return quantity * unit
}

/** Before anything that a reward takes off. */
export function total(basket: Basket): number {
  return basket.lines.reduce((sum, line) => sum + lineAmount(line), 0)
}

export function itemCount(basket: Basket): number {
  return basket.lines.reduce((sum, line) => sum + line.quantity, 0)
}

function append(basket: Basket, line: Omit<BasketLine, 'key' | 'quantity'>): Basket {
  return { ...basket, lines: [...basket.lines, { ...line, key: crypto.randomUUID(), quantity: 1 }] }
}

function change(basket: Basket, key: string, changed: Partial<BasketLine>): Basket {
  return { ...basket, lines: basket.lines.map((line) => (line.key === key ? { ...line, ...changed } : line)) }
}
