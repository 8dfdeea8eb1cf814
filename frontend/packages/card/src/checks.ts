/** Whether the last digit is right by Luhn's rule (ISO/IEC 7812-1 annex B). */
export function luhnIsValid(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - place))
    const doubled = digit * 2
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Whether eight, twelve, thirteen or fourteen digits end in the right check digit (GS1 General Specifications 7.9). */
export function gtinIsValid(digits: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(digits)) return false
  let sum = 0
  for (let place = 1; place <= digits.length; place += 1) sum += Number(digits.at(-place)) * (place % 2 === 0 ? 3 : 1)
  return sum % 10 === 0
}

/** Whether thirteen digits end in the right check digit. */
export function ean13IsValid(digits: string): boolean {
  return digits.length === 13 && gtinIsValid(digits)
}

/** A card number in groups of four, as it is printed and read aloud. */
export function groupDigits(digits: string): string {
  return digits.replace(/\D/g, '').replace(/(\d{4})(?=\d)/g, '$1 ')
}
