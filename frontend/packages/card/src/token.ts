import { decodeBase32, encodeBase32 } from './base32.ts'
import { fromHex, toHex } from './bytes.ts'

/** The clock of this device was not compared with the server's for a week. */
export const FLAG_CLOCK_NOT_SYNCED = 1
/** The member opened the card in order to redeem. */
export const FLAG_WANTS_TO_REDEEM = 2

/** Seconds for which one code is shown. */
export const STEP_SECONDS = 30

const PREFIX = 'LY'
const VERSION_AND_TYPE = 0x11
/** A code that the server made and that stays the same: 22 bytes, read by the service only. */
export const STATIC_VERSION_AND_TYPE = 0x12
export const STATIC_BYTES = 22
const HEAD_BYTES = 14
const MAC_BYTES = 12
const MAC_CONTEXT = new TextEncoder().encode('LYCARD1\0')

/** Everything in a rotating code that is said before its authentication code (layout v1, bytes 0 to 13). */
export interface TokenHead {
  /** Which of the server's keys the card was registered with, 0 to 15. */
  readonly epoch: number
  /** Bits FLAG_*, 0 to 15. */
  readonly flags: number
  /** Sixteen hexadecimal digits. */
  readonly credentialId: string
  /** floor(unix seconds / 30). */
  readonly step: number
}

export interface RotatingToken extends TokenHead {
  readonly mac: Uint8Array
}

/** @throws RangeError when a field does not fit its place. */
export function encodeHead(head: TokenHead): Uint8Array<ArrayBuffer> {
  const { epoch, flags, step } = head
  if (!isUnsigned(epoch, 15) || !isUnsigned(flags, 15) || !isUnsigned(step, 0xffffffff)) {
    throw new RangeError('A field of the card code is out of range.')
  }
  const id = fromHex(head.credentialId)
  if (id.length !== 8) throw new RangeError('A credential id has eight bytes.')
  const bytes = new Uint8Array(HEAD_BYTES)
  bytes[0] = VERSION_AND_TYPE
  bytes[1] = (epoch << 4) | flags
  bytes.set(id, 2)
  new DataView(bytes.buffer).setUint32(10, step)
  return bytes
}

/** The bytes that the authentication code covers: a fixed context, then the head. */
export function macInput(head: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(MAC_CONTEXT.length + head.length)
  input.set(MAC_CONTEXT)
  input.set(head, MAC_CONTEXT.length)
  return input
}

/** Joins a head and the first 96 bits of its HMAC to the 44 characters that a till reads. */
export function encodeToken(head: Uint8Array, mac: Uint8Array): string {
  const bytes = new Uint8Array(HEAD_BYTES + MAC_BYTES)
  bytes.set(head)
  bytes.set(mac.subarray(0, MAC_BYTES), HEAD_BYTES)
  return PREFIX + encodeBase32(bytes)
}

/** Reads a rotating code without checking its authentication code; null when it is not one. */
export function parseToken(text: string): RotatingToken | null {
  if (!text.startsWith(PREFIX)) return null
  const bytes = decodeBase32(text.slice(PREFIX.length), HEAD_BYTES + MAC_BYTES)
  if (bytes === null || bytes[0] !== VERSION_AND_TYPE) return null
  const second = bytes[1] ?? 0
  return {
    epoch: second >> 4,
    flags: second & 15,
    credentialId: toHex(bytes.subarray(2, 10)),
    step: new DataView(bytes.buffer).getUint32(10),
    mac: bytes.slice(HEAD_BYTES),
  }
}

function isUnsigned(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest
}
