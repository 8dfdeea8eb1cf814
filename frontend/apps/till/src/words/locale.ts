import { Locale, type MoneyAmount, type Values } from '@stampbook/ui'
import type { Language, Speech, Words } from './index.ts'

const MARKS = /[\u200e\u200f\u061c]/g

/** Keeps a text together, and in its own direction, inside one of another. */
export const isolated = (text: string) => `\u2068${text}\u2069`
const leftToRight = (text: string) => `\u2066${text.replace(MARKS, '')}\u2069`

/**
 * The till's language. What is not of it (names, receipt numbers, amounts in Latin signs) is kept from running into
 * words that are written from right to left.
 */
export class TillLocale extends Locale<Words> {
  constructor(language: Language, { words }: Speech, options?: ConstructorParameters<typeof Locale>[2]) {
    super(language, words, options)
    if (this.direction === 'ltr') return
    const say = this.t
    this.t = (key, values = {}) => say(key, isolate(values))
  }

  override money(amount: MoneyAmount): string {
    const text = super.money(amount)
    return this.direction === 'ltr' ? text : leftToRight(text)
  }

  override signed(value: number): string {
    const text = super.signed(value)
    return this.direction === 'ltr' ? text : leftToRight(text)
  }
}

function isolate(values: Values): Values {
  const pairs = Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? isolated(value) : value])
  return Object.fromEntries(pairs) as Values
}
