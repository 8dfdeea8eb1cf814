import type { ClockOffset } from './clock.ts'
import type { DeviceKey } from './keys.ts'

/** A registered device: enough to make codes with no network, for as long as the key lives. */
export interface Credential {
  /** Sixteen hexadecimal digits given by the server. */
  readonly id: string
  readonly epoch: number
  /** HMAC-SHA256, not extractable. */
  readonly key: CryptoKey
  readonly clock: ClockOffset
}

interface Records {
  device: DeviceKey
  credential: Credential
}

const DATABASE = 'stampbook-card'
const STORE = 'card'

export async function read<Name extends keyof Records>(name: Name): Promise<Records[Name] | null> {
  const found = await withStore('readonly', (store) => store.get(name))
  return (found as Records[Name] | undefined) ?? null
}

export async function write<Name extends keyof Records>(name: Name, value: Records[Name]): Promise<void> {
  await withStore('readwrite', (store) => store.put(value, name))
}

export async function clear(): Promise<void> {
  await withStore('readwrite', (store) => store.clear())
}

async function withStore(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = transaction.onabort = () =>
        reject(transaction.error ?? new Error("The card's storage refused."))
    })
  } finally {
    database.close()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error("The card's storage cannot be opened."))
  })
}
