/** Enough to catch a slip of the finger; whether the address exists only the mail can tell. */
export const looksLikeEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim())

/** What a person typed or pasted, as the eight digits meant: "1234 5678" and Arabic digits too. */
export function digitsOf(text: string): string {
  return text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/\D/g, '')
    .slice(0, 8)
}

/** The language that somebody joins in, where the programme writes its messages in it; else the programme's own choice. */
export const told = (language: string, programme: { languages: readonly string[] } | undefined) => (programme?.languages.includes(language) ? language : null)
