/** Crockford's base32 without the letters that people confuse; strict, so that no two texts mean the same bytes. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const VALUES: ReadonlyMap<string, bigint> = /* @__PURE__ */ new Map([...ALPHABET].map((letter, value) => [letter, BigInt(value)]))

/** Writes bytes most significant first, padded with zero bits on the left to whole characters. */
export function encodeBase32(bytes: Uint8Array): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  const length = Math.ceil((bytes.length * 8) / 5)
  let text = ''
  for (let index = 0; index < length; index += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text
    value >>= 5n
  }
  return text
}

/**
 * Reads exactly `byteLength` bytes.
 * @returns null for a wrong length, a character outside the alphabet, or padding bits that are not zero.
 */
export function decodeBase32(text: string, byteLength: number): Uint8Array<ArrayBuffer> | null {
  if (text.length !== Math.ceil((byteLength * 8) / 5)) return null
  let value = 0n
  for (const letter of text) {
    const digit = VALUES.get(letter)
    if (digit === undefined) return null
    value = (value << 5n) | digit
  }
  if (value >> BigInt(byteLength * 8) !== 0n) return null
  const bytes = new Uint8Array(byteLength)
  for (let index = byteLength - 1; index >= 0; index -= 1) {
    bytes[index] = Number(value & 255n)
    value >>= 8n
  }
  return bytes
}
