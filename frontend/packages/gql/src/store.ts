/** A value as it was last seen, and when (milliseconds of this device's clock): shown as "as of 10:42". */
export interface Cached<T> {
  value: T
  at: number
}

/** Key and value in IndexedDB. Reads and writes never fail the screen: where storage is refused, it only forgets. */
export interface Store {
  get<T>(key: string): Promise<Cached<T> | undefined>
  /** Structured clone: CryptoKeys may be kept. */
  set<T>(key: string, value: T): Promise<void>
  delete(key: string): Promise<void>
  /** Forgets everything, e.g. at signing out. */
  clear(): Promise<void>
}

const table = 'values'

/** @param name of the database; one per app, so that signing out of one leaves the others alone. */
export function openStore(name: string): Store {
  let database: Promise<IDBDatabase> | undefined

  const open = () =>
    (database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(table)
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close()
        resolve(request.result)
      }
      request.onerror = () => reject(request.error)
    }))

  async function run<T>(mode: IDBTransactionMode, work: (values: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
      const transaction = (await open()).transaction(table, mode)
      const request = work(transaction.objectStore(table))
      return await new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(request.result)
        transaction.onabort = transaction.onerror = () => reject(transaction.error)
      })
    } catch {
      database = undefined
      return undefined
    }
  }

  return {
    get: (key) => run('readonly', (values) => values.get(key)),
    set: async (key, value) => void (await run('readwrite', (values) => values.put({ value, at: Date.now() } satisfies Cached<typeof value>, key))),
    delete: async (key) => void (await run('readwrite', (values) => values.delete(key))),
    clear: async () => void (await run('readwrite', (values) => values.clear())),
  }
}
