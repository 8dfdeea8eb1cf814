import { isStale } from './clock.ts'
import { type Credential, read } from './storage.ts'
import { encodeHead, encodeToken, FLAG_CLOCK_NOT_SYNCED, FLAG_WANTS_TO_REDEEM, macInput, STEP_SECONDS } from './token.ts'

export interface RotatingCode {
  /** Forty-four characters to draw as a QR code. */
  readonly text: string
  readonly step: number
  /** Until the next code should be shown; the till takes this one for at least another half minute. */
  readonly validForMs: number
}

/** The credential of this device, or null when it has none or the browser has thrown its storage away. */
export function loadCredential(): Promise<Credential | null> {
  return read('credential')
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
