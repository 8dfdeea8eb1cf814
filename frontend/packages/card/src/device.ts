import { isStale, measureOffset, type ClockOffset } from './clock.ts'
import { deriveCardKey, makeDeviceKey } from './keys.ts'
import { clear, read, write, type Credential } from './storage.ts'
import {
  encodeHead,
  encodeToken,
  FLAG_CLOCK_NOT_SYNCED,
  FLAG_WANTS_TO_REDEEM,
  macInput,
  STEP_SECONDS,
} from './token.ts'

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

export interface RotatingCode {
  /** Forty-four characters to draw as a QR code. */
  readonly text: string
  readonly step: number
  /** Until the next code should be shown; the till takes this one for at least another half minute. */
  readonly validForMs: number
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

/** The credential of this device, or null when it has none or the browser has thrown its storage away. */
export function loadCredential(): Promise<Credential | null> {
  return read('credential')
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

/**
 * The code to show at an instant of this device's clock, in milliseconds since 1970. Needs no network.
 * @see reference wallet.md section 3 for the layout
 */
export async function rotatingCode(
  credential: Credential,
  nowMs: number,
  { wantsToRedeem = false }: { readonly wantsToRedeem?: boolean } = {},
): Promise<RotatingCode> {
  const stepMs = STEP_SECONDS * 1000
  const serverMs = nowMs + credential.clock.offsetMs
  const step = Math.floor(serverMs / stepMs)
  const flags =
    (isStale(credential.clock, nowMs) ? FLAG_CLOCK_NOT_SYNCED : 0) | (wantsToRedeem ? FLAG_WANTS_TO_REDEEM : 0)
  const head = encodeHead({ epoch: credential.epoch, flags, credentialId: credential.id, step })
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', credential.key, macInput(head)))
  return { text: encodeToken(head, mac), step, validForMs: (step + 1) * stepMs - serverMs }
}

function now(): Exchange {
  const instant = Date.now()
  return { sentAtMs: instant, receivedAtMs: instant }
}
