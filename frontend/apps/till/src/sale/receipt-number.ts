import type { Database } from '../storage/database.ts'

/** One in 65,536: a store has few tills. */
const MARK_LENGTH = 4

/** The programme's calendar day at an instant, as YYYY-MM-DD. */
export function businessDate(instantMs: number, timeZone: string): string {
  // The Canadian form of a date is ISO 8601.
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instantMs,
  )
}

/**
 * Receipt numbers of this till, `<yymmdd>-<till>-<counter>`: made here, so that they exist while the line is down, and
 * with something of the till in them, so that a store's tills give different ones and a return finds the right sale.
 */
export class ReceiptNumbers {
  readonly #database: Database
  readonly #mark: string

  /** @param tillId as the service gives it; its last characters are random */
  constructor(database: Database, tillId: string) {
    this.#database = database
    this.#mark = tillId.slice(-MARK_LENGTH).toUpperCase()
  }

  /** The next number of a business date (YYYY-MM-DD); never the same twice, in any number of tabs. */
  async next(date: string): Promise<string> {
    const counter = await this.#database.change<number>(counterOf(date), (last = 0) => last + 1)
    return `${this.#prefix(date)}${String(counter).padStart(3, '0')}`
  }

  /** Goes on after numbers that the service knows of, in case this browser has lost its counter. */
  async continueAfter(date: string, receiptNumbers: readonly string[]): Promise<void> {
    const counters = receiptNumbers
      .filter((number) => number.startsWith(this.#prefix(date)))
      .map((number) => Number(number.slice(this.#prefix(date).length)))
      .filter(Number.isSafeInteger)
    await this.#database.change<number>(counterOf(date), (last = 0) => Math.max(last, ...counters))
  }

  #prefix(date: string): string {
    return `${date.slice(2).replaceAll('-', '')}-${this.#mark}-`
  }
}

function counterOf(date: string): string {
  return `receipts:${date}`
}
