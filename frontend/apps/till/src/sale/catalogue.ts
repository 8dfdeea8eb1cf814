import type { Client } from '@stampbook/gql'
import { CatalogueDocument } from '../generated/graphql.ts'
import type { Database } from '../storage/database.ts'
import { knownProduct, type ProductMemory } from './product.ts'

/**
 * Of a grocer's 92,331 products, the 5,000 that are bought most are two thirds of everything that is sold, in about two
 * megabytes; twice as many would be three quarters. What else a store sells is kept as its till meets it.
 */
export const MOST_KEPT = 5000
/** Prices change overnight. */
const FRESH_MS = 12 * 3_600_000
/** The cashier's own requests come first: the whole catalogue takes its minute, a page at a time. */
const PAUSE_MS = 1000

const FACT = 'catalogue'
const LOCK = 'stampbook-till-catalogue'

/** How far the till has read. */
interface Progress {
  readonly startedAtMs: number
  readonly cursor: string | null
  readonly read: number
  /** When it had last read all that it keeps; null before the first time. */
  readonly wholeAtMs: number | null
}

/** Reads the part of the catalogue that the till keeps for when the line is down, and goes on after an interruption. */
export class CatalogueReader {
  readonly #client: Client
  readonly #products: ProductMemory
  readonly #database: Database
  #reading = false

  constructor(client: Client, products: ProductMemory, database: Database) {
    this.#client = client
    this.#products = products
    this.#database = database
  }

  /** When all of it was last read, in milliseconds since 1970; null while it never was. */
  async readAtMs(): Promise<number | null> {
    return (await this.#progress())?.wholeAtMs ?? null
  }

  /** Lets go of all of it, because the room is needed; it is read again when there is room. */
  async forget(): Promise<void> {
    await this.#products.clear()
    await this.#database.drop(FACT)
  }

  /** Reads if it is time to; gives up quietly where the line, the service or the storage does not go along. */
  async refresh(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
        while (lock !== null && (await this.readPage())) await new Promise((go) => setTimeout(go, PAUSE_MS))
      })
    } catch {
      // The next heartbeat tries again where this one stopped.
    } finally {
      this.#reading = false
    }
  }

  /** Reads the next page if one is due. @returns whether another one is */
  async readPage(): Promise<boolean> {
    const progress = await this.#due()
    if (progress === null) return false
    const { till } = await this.#client.request(CatalogueDocument, { after: progress.cursor })
    if (till === null) return false
    const { nodes, pageInfo } = till.catalogue
    await this.#products.stock(nodes.map(knownProduct), progress.read)
    const read = progress.read + nodes.length
    const more = pageInfo.hasNextPage && read < MOST_KEPT
    if (!more) await this.#products.trim(progress.startedAtMs)
    const wholeAtMs = more ? progress.wholeAtMs : Date.now()
    await this.#database.keep(FACT, { ...progress, cursor: more ? pageInfo.endCursor : null, read, wholeAtMs })
    return more
  }

  /** Where to go on reading; null when everything is fresh. */
  async #due(): Promise<Progress | null> {
    const progress = await this.#progress()
    if (progress?.cursor) return progress
    const wholeAtMs = progress?.wholeAtMs ?? null
    if (wholeAtMs !== null && Date.now() - wholeAtMs < FRESH_MS) return null
    return { startedAtMs: Date.now(), cursor: null, read: 0, wholeAtMs }
  }

  #progress(): Promise<Progress | undefined> {
    return this.#database.fact<Progress>(FACT)
  }
}
