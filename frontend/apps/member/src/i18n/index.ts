import { Locale } from '@stampbook/ui/i18n/locale.ts'
import type { Message } from '@stampbook/ui/i18n/messages.ts'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { en } from './en.ts'
import type { rest } from './en-rest.ts'

export type Key = keyof typeof en | keyof typeof rest

/** The words of the card, part of the first load in English; and those of all other screens, which come after it. */
const words = {
  en: { first: async () => en, rest: () => import('./en-rest.ts') },
  de: { first: async () => (await import('./de.ts')).de, rest: () => import('./de-rest.ts') },
  es: { first: async () => (await import('./es.ts')).es, rest: () => import('./es-rest.ts') },
  ar: { first: async () => (await import('./ar.ts')).ar, rest: () => import('./ar-rest.ts') },
}
export type Language = keyof typeof words

const english = { ...en } as Record<Key, Message>
const catalogs: Partial<Record<Language, Record<Key, Message>>> = { en: english }
let all = false

async function catalogOf(language: Language): Promise<Record<Key, Message>> {
  const catalog = (catalogs[language] ??= { ...(await words[language].first()) } as Record<Key, Message>)
  if (all) Object.assign(catalog, (await words[language].rest()).rest)
  return catalog
}

/** Brings the words of all screens in every language that is in use, and from now on with every other. */
export async function loadAllWords(): Promise<void> {
  all = true
  await Promise.all((Object.keys(catalogs) as Language[]).map(catalogOf))
}

/** Each in its own words, whatever is chosen now. */
export const languages: readonly { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'es', label: 'Español' },
  { value: 'ar', label: 'العربية' },
]

const chosenKey = 'stampbook.language'

/** What was chosen on this device, else the first of the browser's languages that we speak. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(chosenKey), ...navigator.languages].map((language) => language?.slice(0, 2))
  return (wanted.find((language) => language && language in words) ?? 'en') as Language
}

export const rememberLanguage = (language: Language) => localStorage.setItem(chosenKey, language)

/** Languages other than English are fetched when they are wanted (and kept for offline). */
export async function loadLocale(language: Language, timeZone?: string): Promise<Locale<Key>> {
  const catalog = await catalogOf(language).catch(() => english)
  return new Locale<Key>(language, catalog, { timeZone })
}

export const LocaleContext = createContext<Locale<Key>>(new Locale<Key>('en', english))
export const useLocale = () => useContext(LocaleContext)
