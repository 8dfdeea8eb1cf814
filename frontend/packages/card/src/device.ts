import { type ClockOffset, measureOffset } from './clock.ts'
import { deriveCardKey, makeDeviceKey } from './keys.ts'
import { clear, read, write, type Credential } from './storage.ts'

/** What `cardDeviceRegister` answers. */
export interface Registration {
  /** Sixteen hexadecimal digits. */
  readonly credentialId: string
  readonly epoch: number
  /** base64url of the server's uncompressed point. */
  readonly serverKey: string
  /** RFC 3339. */
  readonly serverTime: string
}

/** When a request left and its answer arrived by this device's clock, in milliseconds since 1970. */
export interface Exchange {
  readonly sentAtMs: number
  readonly receivedAtMs: number
}

/** Makes and keeps this device's key pair, or finds the one kept; answers the public half to send to the server. */
export async function createDevice(): Promise<{ readonly publicKey: string }> {
  const kept = await read('device')
  if (kept !== null) return { publicKey: kept.publicKey }
  const made = await makeDeviceKey()
  await write('device', made)
  return { publicKey: made.publicKey }
}

/**
 * Turns the server's answer into a credential and keeps it.
 * @throws Error when `createDevice` was not called on this device.
 */
export async function register(answer: Registration, exchange: Exchange = now()): Promise<Credential> {
  const device = await read('device')
  if (device === null) throw new Error('This device has no card key yet.')
  const key = await deriveCardKey(device.privateKey, answer.serverKey, answer.credentialId)
  const clock = measureOffset(answer.serverTime, exchange.sentAtMs, exchange.receivedAtMs)
  const credential: Credential = { id: answer.credentialId, epoch: answer.epoch, key, clock }
  await write('credential', credential)
  return credential
}

/** Keeps the server's time of any later answer; returns the credential to go on with. A forgotten one stays forgotten. */
export async function syncClock(credential: Credential, serverTime: string, exchange: Exchange): Promise<Credential> {
  const clock: ClockOffset = measureOffset(serverTime, exchange.sentAtMs, exchange.receivedAtMs)
  const synced: Credential = { ...credential, clock }
  const kept = await read('credential')
  if (kept?.id === credential.id) await write('credential', synced)
  return synced
}

/** Removes key and credential from this device: signing out, or the server revoked it. */
export function forget(): Promise<void> {
  return clear()
}

function now(): Exchange {
  const instant = Date.now()
  return { sentAtMs: instant, receivedAtMs: instant }
}
