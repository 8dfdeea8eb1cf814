import { Locale } from '@stampbook/ui/i18n/locale.ts'
import type { Message } from '@stampbook/ui/i18n/messages.ts'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { en } from './en.ts'
import type { rest } from './en-rest.ts'

export type Key = keyof typeof en | keyof typeof rest

/** English is part of the first load as far as the card needs it; what comes after the card brings the rest. */
const english = { ...en } as Record<Key, Message>
export const addWords = (words: typeof rest) => Object.assign(english, words)

const loaders = {
  en: async () => english,
  de: async () => (await import('./de.ts')).de,
  ar: async () => (await import('./ar.ts')).ar,
}
export type Language = keyof typeof loaders

/** Each in its own words, whatever is chosen now. */
export const languages: readonly { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'ar', label: 'العربية' },
]

const chosenKey = 'stampbook.language'

/** What was chosen on this device, else the first of the browser's languages that we speak. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(chosenKey), ...navigator.languages].map((language) => language?.slice(0, 2))
  return (wanted.find((language) => language && language in loaders) ?? 'en') as Language
}

export const rememberLanguage = (language: Language) => localStorage.setItem(chosenKey, language)

/** Languages other than English are fetched when they are wanted (and kept for offline). */
export async function loadLocale(language: Language, timeZone?: string): Promise<Locale<Key>> {
  const catalog = await loaders[language]().catch(() => english)
  return new Locale<Key>(language, catalog, { timeZone })
}

export const englishLocale = () => new Locale<Key>('en', english)

export const LocaleContext = createContext<Locale<Key>>(englishLocale())
export const useLocale = () => useContext(LocaleContext)
