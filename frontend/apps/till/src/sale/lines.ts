import type { PurchaseLineInput } from '../generated/graphql.ts'
import { lineAmount, type Basket } from './basket.ts'
import { toDecimal } from './money.ts'

/** The basket's lines as the service takes them. */
export function lineInputs(basket: Basket, currency: string): PurchaseLineInput[] {
  return basket.lines.map((line) => ({
    productId: line.product?.id ?? null,
    barcode: line.barcode,
    name: line.name,
    quantity: line.quantity,
    amount: { amount: toDecimal(lineAmount(line), currency), currencyCode: currency },
  }))
}
