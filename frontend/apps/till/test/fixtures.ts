import type { SaleFactsFragment } from '../src/generated/graphql.ts'
import type { KnownProduct } from '../src/sale/product.ts'

export const purchase: SaleFactsFragment = {
  id: 'pur_1',
  receiptNumber: '261122-001',
  businessDate: '2026-11-22',
  occurredAt: '2026-11-22T10:00:00.000Z',
  deferred: false,
  earned: 12,
  store: { id: 'str_1', name: 'Store 1' },
  total: { amount: '12.40', currencyCode: 'USD' },
  paidWithPoints: null,
  lines: [],
  redemptions: [],
  returns: [],
}

export const coffee: KnownProduct = {
  id: 'prd_1',
  sku: '10',
  barcode: '4006381333931',
  name: 'Ground coffee',
  detail: '500 g',
  unit: 499,
}
export const milk: KnownProduct = { id: 'prd_2', sku: '11', barcode: null, name: 'Milk', detail: '1 l', unit: 129 }
