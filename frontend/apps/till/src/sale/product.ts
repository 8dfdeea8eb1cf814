import type { ProductFactsFragment } from '../generated/graphql.ts'
import type { Database } from '../storage/database.ts'
import { toMinor } from './money.ts'

/** A product as the till needs it at the counter; `unit` is in minor units. */
export interface KnownProduct {
  readonly id: string
  readonly sku: string
  readonly barcode: string | null
  readonly name: string
  readonly detail: string
  readonly unit: number
}

/** A product of the service's catalogue as the till keeps it. */
export function knownProduct({ id, sku, barcode, name, category, size, price }: ProductFactsFragment): KnownProduct {
  const detail = [size && !name.includes(size) && size, category].filter(Boolean).join(' · ')
  return { id, sku, barcode, name, detail, unit: toMinor(price.amount, price.currencyCode) }
}

const MOST_RESULTS = 20

/** The products that this till has met, so that it can ring them up while the line is down. */
export class ProductMemory {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async remember(products: readonly KnownProduct[]): Promise<void> {
    for (const product of products) await this.#database.run('products', 'readwrite', (store) => store.put(product))
  }

  /** Products whose name or number holds every word. */
  async search(text: string): Promise<KnownProduct[]> {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const known = await this.#all()
    return known.filter((product) => words.every((word) => haystack(product).includes(word))).slice(0, MOST_RESULTS)
  }

  async byBarcode(barcode: string): Promise<KnownProduct | null> {
    return (await this.#all()).find((product) => product.barcode === barcode || product.sku === barcode) ?? null
  }

  #all(): Promise<KnownProduct[]> {
    return this.#database.run<KnownProduct[]>('products', 'readonly', (store) => store.getAll())
  }
}

function haystack({ name, detail, sku, barcode }: KnownProduct): string {
  return `${name} ${detail} ${sku} ${barcode ?? ''}`.toLowerCase()
}
