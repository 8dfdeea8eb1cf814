import { ALPHABET, decodeBase32 } from './base32.ts'
import { ean13IsValid, luhnIsValid } from './checks.ts'
import { parseToken, STATIC_BYTES, STATIC_VERSION_AND_TYPE, type RotatingToken } from './token.ts'

/** Why a text is no code of ours; decides what the cashier is told. */
export type Fault = 'shape' | 'checkDigit' | 'keyboard'

/** What a scanned or typed text is by its shape alone; only the server can say whether it is genuine. */
export type ReadCode =
  | { readonly kind: 'rotating'; readonly text: string; readonly token: RotatingToken }
  | { readonly kind: 'static' | 'totp' | 'redemption' | 'cardNumber'; readonly text: string }
  /** GS1 restricted circulation (02, 04, 20 to 29): a legacy card, or a product that the shop numbered itself. */
  | { readonly kind: 'legacyNumber'; readonly text: string }
  | { readonly kind: 'product'; readonly text: string }
  | { readonly kind: 'malformed'; readonly text: string; readonly fault: Fault }

const CARD_NUMBER_LENGTH = 16
const LONGEST = 128
const PRODUCT_LENGTHS: ReadonlySet<number> = new Set([8, 12, 13, 14])
const TOTP = new RegExp(`^LG([${ALPHABET}]{13})[0-9]{18}$`)
const REDEMPTION = new RegExp(`^LR[${ALPHABET}]{16}$`)
const GROUPED_DIGITS = /^[0-9]+(?:[ -][0-9]+)*$/
/** A German keyboard swaps Y and Z; a French one types accented letters for digits. */
const WRONG_KEYBOARD = /^LZ[0-9A-Z]{36,42}$|[éèçà§]/i

/** Without white space around it; a stuck caps lock (all lower case) is forgiven. */
export function normaliseCode(raw: string): string {
  const text = raw.trim()
  return text === text.toLowerCase() ? text.toUpperCase() : text
}

/** Sorts a text into the kinds that a till can meet; agrees with the service's own reading, case by case. */
export function readCode(raw: string): ReadCode {
  const text = normaliseCode(raw)
  if (text.length > LONGEST) return { kind: 'malformed', text, fault: 'shape' }
  if (GROUPED_DIGITS.test(text)) return readDigits(text.replace(/[ -]/g, ''))
  const token = parseToken(text)
  if (token !== null) return { kind: 'rotating', text, token }
  if (isStatic(text)) return { kind: 'static', text }
  if (decodeBase32(TOTP.exec(text)?.[1] ?? '', 8) !== null) return { kind: 'totp', text }
  if (REDEMPTION.test(text)) return { kind: 'redemption', text }
  return { kind: 'malformed', text, fault: WRONG_KEYBOARD.test(text) ? 'keyboard' : 'shape' }
}

function isStatic(text: string): boolean {
  return text.startsWith('LY') && decodeBase32(text.slice(2), STATIC_BYTES)?.[0] === STATIC_VERSION_AND_TYPE
}

function readDigits(typed: string): ReadCode {
  if (typed.length === CARD_NUMBER_LENGTH) {
    return luhnIsValid(typed)
      ? { kind: 'cardNumber', text: typed }
      : { kind: 'malformed', text: typed, fault: 'checkDigit' }
  }
  // Many scanners drop the leading zero and send the twelve digits of UPC-A.
  const text = typed.length === 12 && /^[24]/.test(typed) ? `0${typed}` : typed
  if (!PRODUCT_LENGTHS.has(text.length)) return { kind: 'malformed', text, fault: 'shape' }
  if (text.length === 13 && !ean13IsValid(text)) return { kind: 'malformed', text, fault: 'checkDigit' }
  return { kind: text.length === 13 && /^(2|0[24])/.test(text) ? 'legacyNumber' : 'product', text }
}
