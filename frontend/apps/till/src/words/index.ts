import type { Translation } from '@stampbook/ui'
import type { en } from './en.ts'
import type { Said } from './said.ts'

export type Words = keyof typeof en

/** What one language says: the till's own words, and those of the service, which speaks English. */
export interface Speech {
  readonly words: Translation<typeof en>
  /** Null where the service's own sentences are in the language already. */
  readonly said: Said | null
}

/** Each is fetched when it is chosen, and kept for starts without the line. */
const loaders = {
  en: () => import('./en.ts').then(({ en }): Speech => ({ words: en, said: null })),
  es: () => import('./es.ts').then(({ es }): Speech => es),
  de: () => import('./de.ts').then(({ de }): Speech => de),
  ar: () => import('./ar.ts').then(({ ar }): Speech => ar),
}

export type Language = keyof typeof loaders

/** Each in its own words, whatever is chosen now. */
export const languages: readonly { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'es', label: 'Español' },
  { value: 'de', label: 'Deutsch' },
  { value: 'ar', label: 'العربية' },
]

const KEPT = 'stampbook.till.language'

export function isLanguage(text: string): text is Language {
  return Object.hasOwn(loaders, text)
}

/** What was chosen on this device, else the first of the browser's languages that the till speaks. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(KEPT) ?? '', ...navigator.languages].map((language) => language.slice(0, 2))
  return wanted.find(isLanguage) ?? 'en'
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(KEPT, language)
}

export function loadSpeech(language: Language): Promise<Speech> {
  return loaders[language]()
}
