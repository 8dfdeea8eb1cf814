/** Digits after the decimal point of a currency, ISO 4217. */
export function fractionDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** Minor units (cents) as the decimal text that the service takes. */
export function toDecimal(minor: number, currency: string): string {
  const digits = fractionDigits(currency)
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const sign = minor < 0 ? '-' : ''
  return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(-digits)}`
}

/** A decimal text of the service as minor units. @throws RangeError when it has more digits than the currency. */
export function toMinor(decimal: string, currency: string): number {
  const minor = parseMoney(decimal.replace(/^-/, ''), currency)
  if (minor === null) throw new RangeError(`${decimal} is not an amount of ${currency}.`)
  return decimal.startsWith('-') ? -minor : minor
}

/** Digits as an Arabic or Persian keyboard types them, in the form that the service takes. */
export function plainDigits(typed: string): string {
  return typed
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace('\u066b', '.')
}

/** What a cashier typed, with a point or a comma, as minor units; null when it is not an amount. */
export function parseMoney(typed: string, currency: string): number | null {
  const digits = fractionDigits(currency)
  const match = /^(\d{1,9})(?:[.,](\d*))?$/.exec(plainDigits(typed.trim()))
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  if (/[^0]/.test(fraction.slice(digits))) return null
  return Number(whole + fraction.slice(0, digits).padEnd(digits, '0'))
}
