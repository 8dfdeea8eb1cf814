import type { QueuedPost } from '../queue/post.ts'
import type { KeptProduct } from '../sale/product.ts'

/** What the till keeps in the browser: single facts by name, posts that have not been settled, products. */
interface Tables {
  facts: unknown
  queue: QueuedPost
  products: KeptProduct
}

type Table = keyof Tables

const NAME = 'stampbook-till'
const VERSION = 2

/** The till's own database. Unlike a cache it fails loudly: a sale that cannot be kept must not look kept. */
export class Database {
  #opened: Promise<IDBDatabase> | undefined

  /** Reads or writes one thing. @throws DOMException when the browser refuses storage. */
  async run<T>(table: Table, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = (await this.#open()).transaction(table, mode, { durability: 'strict' })
    const request = work(transaction.objectStore(table))
    await finished(transaction)
    return request.result
  }

  /** Makes several changes in one transaction: all or none. @throws DOMException as `run` does */
  async batch(table: Table, work: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = (await this.#open()).transaction(table, 'readwrite', { durability: 'strict' })
    work(transaction.objectStore(table))
    await finished(transaction)
  }

  /** Puts another in the place of a row that is still there; one that was removed stays removed. */
  async replace<Row>(table: Table, key: string, row: Row): Promise<void> {
    await this.batch(table, (store) => {
      const found = store.getKey(key)
      found.onsuccess = () => found.result !== undefined && store.put(row)
    })
  }

  /** Changes one fact in a single transaction, so that two tabs never make the same change; answers the new value. */
  async change<T>(name: string, next: (current: T | undefined) => T): Promise<T> {
    const transaction = (await this.#open()).transaction('facts', 'readwrite', { durability: 'strict' })
    const store = transaction.objectStore('facts')
    let made: T | undefined
    const request: IDBRequest<T | undefined> = store.get(name)
    request.onsuccess = () => {
      made = next(request.result)
      store.put(made, name)
    }
    await finished(transaction)
    return made as T
  }

  fact<T>(name: string): Promise<T | undefined> {
    return this.run<T | undefined>('facts', 'readonly', (store) => store.get(name))
  }

  /** Keeps a fact; structured clone, so a key that cannot be read may be kept too. */
  async keep(name: string, value: unknown): Promise<void> {
    await this.run('facts', 'readwrite', (store) => store.put(value, name))
  }

  async drop(name: string): Promise<void> {
    await this.run('facts', 'readwrite', (store) => store.delete(name))
  }

  #open(): Promise<IDBDatabase> {
    this.#opened ??= open().catch((refused: unknown) => {
      this.#opened = undefined
      throw refused
    })
    return this.#opened
  }
}

/** Whether the browser refused because there is no room left. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => {
      const database = request.result
      if (oldVersion === 0) {
        database.createObjectStore('facts')
        database.createObjectStore('queue', { keyPath: 'id' })
      } else {
        // They have more to them since version 2, and are read anew.
        database.deleteObjectStore('products')
      }
      database.createObjectStore('products', { keyPath: 'id' })
    }
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close()
      resolve(request.result)
    }
    request.onerror = () => reject(request.error ?? new Error('The till cannot open its storage.'))
  })
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('The till cannot store.'))
  })
}
