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

/** A product as it lies on the device. */
export interface KeptProduct extends KnownProduct {
  /** Its place in the catalogue, what is bought most first; those met outside of it come after all. */
  readonly rank: number
  readonly keptAtMs: number
}

const MOST_RESULTS = 20
/** Products outside of the kept catalogue that were met last: what this very store sells besides. */
const MOST_MET = 1000
const NO_RANK = Number.MAX_SAFE_INTEGER

/** The products that this till can ring up while the line is down: the kept part of the catalogue, and what it has met. */
export class ProductMemory {
  readonly #database: Database
  #read: Promise<Map<string, KeptProduct>> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** Keeps products that were found or sold here, where there is room for them. */
  async remember(products: readonly KnownProduct[]): Promise<void> {
    const known = await this.#known()
    const ranked = products.map((product) => ({ ...product, rank: known.get(product.id)?.rank ?? NO_RANK }))
    await this.#keep(ranked).catch(() => undefined)
  }

  /** Keeps a page of the catalogue. @param firstRank the place of its first product */
  async stock(products: readonly KnownProduct[], firstRank: number): Promise<void> {
    await this.#keep(products.map((product, at) => ({ ...product, rank: firstRank + at })))
  }

  /** Lets go of what was not kept since then, except what was met last. */
  async trim(sinceMs: number): Promise<void> {
    const known = await this.#known()
    const older = [...known.values()]
      .filter(({ keptAtMs }) => keptAtMs < sinceMs)
      .sort((one, other) => other.keptAtMs - one.keptAtMs)
    const [met, fallen] = [older.slice(0, MOST_MET), older.slice(MOST_MET)]
    await this.#database.batch('products', (store) => {
      for (const { id } of fallen) store.delete(id)
      for (const product of met) store.put({ ...product, rank: NO_RANK })
    })
    for (const { id } of fallen) known.delete(id)
    for (const product of met) known.set(product.id, { ...product, rank: NO_RANK })
  }

  /** Lets go of all: they can be read again, and the room may be needed for a sale. */
  async clear(): Promise<void> {
    this.#read = undefined
    await this.#database.batch('products', (store) => store.clear())
  }

  async count(): Promise<number> {
    return (await this.#known()).size
  }

  /** Products whose name or number holds every word; what is bought most comes first. */
  async search(text: string): Promise<KnownProduct[]> {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    return [...(await this.#known()).values()]
      .filter((product) => words.every((word) => haystack(product).includes(word)))
      .sort((one, other) => one.rank - other.rank)
      .slice(0, MOST_RESULTS)
  }

  /** As scanned: EAN-8, UPC-A, EAN-13 or GTIN-14; or the shop's own number. */
  async byBarcode(scanned: string): Promise<KnownProduct | null> {
    const full = scanned.padStart(14, '0')
    for (const product of (await this.#known()).values()) {
      if (product.barcode?.padStart(14, '0') === full || product.sku === scanned) return product
    }
    return null
  }

  async #keep(products: readonly (KnownProduct & { rank: number })[]): Promise<void> {
    const known = await this.#known()
    const kept = products.map((product) => ({ ...product, keptAtMs: Date.now() }))
    await this.#database.batch('products', (store) => {
      for (const product of kept) store.put(product)
    })
    for (const product of kept) known.set(product.id, product)
  }

  #known(): Promise<Map<string, KeptProduct>> {
    this.#read ??= this.#database
      .run<KeptProduct[]>('products', 'readonly', (store) => store.getAll())
      .then((products) => new Map(products.map((product) => [product.id, product])))
    return this.#read
  }
}

function haystack({ name, detail, sku, barcode }: KnownProduct): string {
  return `${name} ${detail} ${sku} ${barcode ?? ''}`.toLowerCase()
}
