import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { Database } from '../src/storage/database.ts'

/** An empty database of its own for one test. */
export function emptyDatabase(): Database {
  globalThis.indexedDB = new IDBFactory()
  return new Database()
}
