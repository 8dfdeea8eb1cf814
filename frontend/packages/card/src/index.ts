export { toBase64Url } from './bytes.ts'
export { ean13IsValid, groupDigits, gtinIsValid, luhnIsValid } from './checks.ts'
export { measureOffset, type ClockOffset } from './clock.ts'
export { loadCredential, rotatingCode, type RotatingCode } from './code.ts'
export {
  createDevice,
  forget,
  register,
  syncClock,
  type Exchange,
  type Registration,
} from './device.ts'
export { qrPath, type QrPath } from './qr.ts'
export { normaliseCode, readCode, type Fault, type ReadCode } from './read.ts'
export type { Credential } from './storage.ts'
export { FLAG_CLOCK_NOT_SYNCED, FLAG_WANTS_TO_REDEEM, parseToken, STEP_SECONDS, type RotatingToken } from './token.ts'
