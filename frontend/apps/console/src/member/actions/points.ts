/** A whole number from 1 that the ledger can hold, else undefined. */
export function wholePoints(text: string): number | undefined {
  const tidy = text.trim()
  return /^\d{1,15}$/.test(tidy) && Number(tidy) > 0 ? Number(tidy) : undefined
}
