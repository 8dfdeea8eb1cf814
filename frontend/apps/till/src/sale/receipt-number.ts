import type { Database } from '../storage/database.ts'

/** The programme's calendar day at an instant, as YYYY-MM-DD. */
export function businessDate(instantMs: number, timeZone: string): string {
  // The Canadian form of a date is ISO 8601.
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instantMs,
  )
}

/** Receipt numbers of this till, `<yymmdd>-<counter>`: made here, so that they exist while the line is down. */
export class ReceiptNumbers {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The next number of a business date (YYYY-MM-DD); never the same twice, in any number of tabs. */
  async next(date: string): Promise<string> {
    const counter = await this.#database.change<number>(counterOf(date), (last = 0) => last + 1)
    return `${prefixOf(date)}${String(counter).padStart(3, '0')}`
  }

  /** Goes on after numbers that the service knows of, in case this browser has lost its counter. */
  async continueAfter(date: string, receiptNumbers: readonly string[]): Promise<void> {
    const counters = receiptNumbers
      .filter((number) => number.startsWith(prefixOf(date)))
      .map((number) => Number(number.slice(prefixOf(date).length)))
      .filter(Number.isSafeInteger)
    await this.#database.change<number>(counterOf(date), (last = 0) => Math.max(last, ...counters))
  }
}

function prefixOf(date: string): string {
  return `${date.slice(2).replaceAll('-', '')}-`
}

function counterOf(date: string): string {
  return `receipts:${date}`
}
