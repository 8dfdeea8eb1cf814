import { rotatingCode } from '@stampbook/card/code.ts'
import { qrPath } from '@stampbook/card/qr.ts'
import type { Credential } from '@stampbook/card/storage.ts'
import { STEP_SECONDS } from '@stampbook/card/token.ts'

/** A code of the card as it is drawn. */
export interface ShownCode {
  text: string
  path: string
  size: number
  step: number
  /** Seconds of this step already gone when it was made: where the ring starts. */
  elapsed: number
  /** When the next one has to be made, milliseconds of this device's clock. */
  until: number
}

/** The code for now; `before`, if it still is that one, so that nothing is drawn twice. @throws DOMException when the browser half lost the key */
export async function makeCode(credential: Credential, wantsToRedeem: boolean, before?: ShownCode): Promise<ShownCode> {
  const now = Date.now()
  const { text, step, validForMs } = await rotatingCode(credential, now, { wantsToRedeem })
  if (before?.text === text) return before
  return { text, step, until: now + validForMs, elapsed: STEP_SECONDS - validForMs / 1000, ...qrPath(text) }
}
