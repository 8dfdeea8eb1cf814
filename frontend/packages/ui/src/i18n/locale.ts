import { type Message, type Values, format } from './messages.ts'

export interface MoneyAmount {
  /** Decimal as text. */
  amount: string
  currencyCode: string
}

export interface LocaleOptions {
  /** IANA zone in which days and times are told; the device's own unless given. */
  timeZone?: string | undefined
}

/** One language: its messages, and its way to write numbers, money, days and times. */
export class Locale<Keys extends string = string> {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly #catalog: Record<Keys, Message>
  /** Made when they are first needed: the browser takes its time, and a first screen may do without. */
  #plural: Intl.PluralRules | undefined
  #number: Intl.NumberFormat | undefined
  readonly timeZone: string | undefined
  readonly #dates = new Map<string, Intl.DateTimeFormat>()

  constructor(language: string, catalog: Record<Keys, Message>, { timeZone }: LocaleOptions = {}) {
    this.language = language
    this.direction = /^(ar|fa|he|ur)\b/.test(language) ? 'rtl' : 'ltr'
    this.#catalog = catalog
    this.timeZone = timeZone
  }

  t = (key: Keys, values: Values = {}): string => format(this.#catalog[key], values, this)

  /** Whether it has words for this. */
  says(key: string): key is Keys {
    return key in this.#catalog
  }

  number(value: number): string {
    return (this.#number ??= new Intl.NumberFormat(this.language)).format(value)
  }

  /** The CLDR category of a number in this language. */
  plural(value: number): Intl.LDMLPluralRule {
    return (this.#plural ??= new Intl.PluralRules(this.language)).select(value)
  }

  /** With its sign: "+120", "−40". */
  signed(value: number): string {
    return new Intl.NumberFormat(this.language, { signDisplay: 'exceptZero' }).format(value).replace('-', '−')
  }

  money({ amount, currencyCode }: MoneyAmount): string {
    return new Intl.NumberFormat(this.language, { style: 'currency', currency: currencyCode }).format(Number(amount))
  }

  /** A day, e.g. "31 March 2027"; the year is left out when it is this one. */
  day(instant: string | Date, { weekday = false } = {}): string {
    const date = new Date(instant)
    const sameYear = this.#format(date, { year: 'numeric' }) === this.#format(new Date(), { year: 'numeric' })
    return this.#format(date, { day: 'numeric', month: 'long', ...(weekday && { weekday: 'long' }), ...(!sameYear && { year: 'numeric' }) })
  }

  /** A calendar day (YYYY-MM-DD), which has no zone. */
  calendarDay(date: string): string {
    return new Intl.DateTimeFormat(this.language, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${date}T12:00:00Z`))
  }

  time(instant: string | number | Date): string {
    return this.#format(new Date(instant), { hour: 'numeric', minute: '2-digit' })
  }

  dateTime(instant: string | number | Date): string {
    return this.#format(new Date(instant), { dateStyle: 'medium', timeStyle: 'short' })
  }

  /** YYYY-MM-DD of an instant in the locale's zone: equal for the same day. */
  dayKey(instant: string | number | Date): string {
    return new Intl.DateTimeFormat('en-CA', { ...this.#zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(instant))
  }

  get #zone() {
    return this.timeZone ? { timeZone: this.timeZone } : {}
  }

  #format(date: Date, options: Intl.DateTimeFormatOptions): string {
    const key = JSON.stringify(options)
    let made = this.#dates.get(key)
    if (!made) this.#dates.set(key, (made = new Intl.DateTimeFormat(this.language, { ...this.#zone, ...options })))
    return made.format(date)
  }
}
