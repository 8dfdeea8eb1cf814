import type { Database } from '../storage/database.ts'

/** Who this till is to the service, made once by pairing. */
export interface TillIdentity {
  readonly clientId: string
  readonly tillId: string
  readonly name: string
  readonly store: { readonly id: string; readonly name: string }
  /** The service's issuer, which assertions are addressed to. */
  readonly issuer: string
  /** ECDSA P-256, not extractable. */
  readonly privateKey: CryptoKey
}

const FACT = 'identity'

export function loadIdentity(database: Database): Promise<TillIdentity | undefined> {
  return database.fact<TillIdentity>(FACT)
}

export function keepIdentity(database: Database, identity: TillIdentity): Promise<void> {
  return database.keep(FACT, identity)
}

/** Forgets the key and the name; queued sales, receipt numbers and products stay. */
export function dropIdentity(database: Database): Promise<void> {
  return database.drop(FACT)
}
