import type { Locale } from './locale.ts'

/** "today", "yesterday", or undefined for other days. */
export function nearDay(locale: Pick<Locale, 'language' | 'dayKey'>, instant: string | Date, now = new Date()): string | undefined {
  const days = Math.round((Date.parse(locale.dayKey(instant)) - Date.parse(locale.dayKey(now))) / 86_400_000)
  return days === 0 || days === -1 ? new Intl.RelativeTimeFormat(locale.language, { numeric: 'auto' }).format(days, 'day') : undefined
}

/** How long something still lasts, e.g. "23 hours", "4 minutes". */
export function duration(locale: Pick<Locale, 'language'>, milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000))
  const [value, unit] = minutes < 90 ? [minutes, 'minute'] : minutes < 2880 ? [Math.round(minutes / 60), 'hour'] : [Math.round(minutes / 1440), 'day']
  return new Intl.NumberFormat(locale.language, { style: 'unit', unit: unit as string, unitDisplay: 'long' }).format(value as number)
}
