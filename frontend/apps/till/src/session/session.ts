import { ApiError, type Client, type ServerClock } from '@stampbook/gql'
import { applyBrand } from '@stampbook/ui'
import type { TillIdentity } from '../device/identity.ts'
import { Line, type LineState } from '../device/line.ts'
import { TokenSource } from '../device/token.ts'
import { HeartbeatDocument, TillHomeDocument } from '../generated/graphql.ts'
import { PostQueue } from '../queue/queue.ts'
import { sendPost } from '../queue/send.ts'
import { CatalogueReader } from '../sale/catalogue.ts'
import { ProductMemory } from '../sale/product.ts'
import { businessDate, ReceiptNumbers } from '../sale/receipt-number.ts'
import { isFull, type Database } from '../storage/database.ts'
import { createTillClient } from './client.ts'
import { keepProgramme, loadProgramme, type Programme } from './programme.ts'

/** Under this name the database keeps how far the service's clock is from this one, for starts without the line. */
const CLOCK_FACT = 'clockOffset'

/** Tabs of the same till tell each other here that the queue has changed. */
const QUEUE_CHANNEL = 'stampbook-till-queue'

/** What the screens show of the till itself. */
export interface TillStatus {
  readonly line: LineState
  /** Null until it was read once; kept from then on. */
  readonly programme: Programme | null
  /** The service does not know this till's key any more. */
  readonly refused: boolean
}

/** A paired till at work: its client, its queue, its numbers, and the state of its line. Built once per pairing. */
export class TillSession {
  readonly identity: TillIdentity
  readonly clock: ServerClock
  readonly client: Client
  readonly queue: PostQueue
  readonly receipts: ReceiptNumbers
  readonly products: ProductMemory
  readonly catalogue: CatalogueReader
  readonly database: Database
  readonly #line: Line
  readonly #listeners = new Set<(status: TillStatus) => void>()
  #status: TillStatus = { line: 'unknown', programme: null, refused: false }
  #homeRead = false

  constructor(identity: TillIdentity, database: Database, clock: ServerClock) {
    this.identity = identity
    this.database = database
    this.clock = clock
    this.client = createTillClient(new TokenSource(identity, clock), clock, () => this.#line)
    this.queue = new PostQueue(database, (post) => sendPost(this.client, post))
    this.receipts = new ReceiptNumbers(database, identity.tillId)
    this.products = new ProductMemory(database)
    this.catalogue = new CatalogueReader(this.client, this.products, database)
    this.#line = new Line({
      probe: () => this.#probe(),
      onAnswer: () => this.#useLine(),
      onChange: (line) => this.#update({ line }),
    })
  }

  get status(): TillStatus {
    return this.#status
  }

  /** Starts with what was kept, then asks the service. @returns how to stop */
  start(): () => void {
    // A browser that is short of room does away with what is not asked to stay.
    void navigator.storage.persist()
    void this.#useKept()
    const check = () => void this.#line.check()
    const drop = () => this.#line.saw('down')
    addEventListener('online', check)
    addEventListener('offline', drop)
    const others = new BroadcastChannel(QUEUE_CHANNEL)
    others.onmessage = () => this.queue.changedElsewhere()
    const stopTelling = this.queue.onChange((by) => by === 'here' && others.postMessage(null))
    this.#line.start()
    return () => {
      stopTelling()
      others.close()
      removeEventListener('online', check)
      removeEventListener('offline', drop)
      this.#line.stop()
    }
  }

  /** @returns how to stop listening */
  onStatus(listener: (status: TillStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Asks the service at once how the line is. */
  checkLine(): Promise<void> {
    return this.#line.check()
  }

  /**
   * Stores something that must not be lost; where there is no room the kept products make way.
   * @throws DOMException when the browser refuses all the same
   */
  async store<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isFull(error)) throw error
      await this.catalogue.forget()
      return work()
    }
  }

  /** The service's time as RFC 3339. */
  now(): string {
    return new Date(this.clock.now()).toISOString()
  }

  /** Today in the programme's zone. */
  today(): string {
    return businessDate(this.clock.now(), this.#status.programme?.timeZone ?? 'UTC')
  }

  #useLine(): void {
    void this.queue.drain()
    void this.catalogue.refresh()
  }

  async #probe(): Promise<void> {
    try {
      if (this.#homeRead) await this.client.request(HeartbeatDocument, {})
      else await this.#readHome()
      this.#update({ refused: false })
      await ifPossible(this.database.keep(CLOCK_FACT, this.clock.offset))
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind === 'offline') throw error
      // The line works; it is this till that is not welcome.
      if (error.kind === 'signedOut' || error.kind === 'forbidden') this.#update({ refused: true })
      else throw error
    }
  }

  async #useKept(): Promise<void> {
    const offset = await this.database.fact<number>(CLOCK_FACT)
    const programme = await loadProgramme(this.database)
    if (this.#homeRead) return
    this.clock.offset = offset ?? 0
    if (programme !== undefined) this.#useProgramme(programme)
  }

  async #readHome(): Promise<void> {
    const { programme, till } = await this.client.request(TillHomeDocument, {})
    this.#useProgramme(programme)
    await ifPossible(keepProgramme(this.database, programme))
    const known = till?.recentPurchases.map(({ receiptNumber }) => receiptNumber) ?? []
    await ifPossible(this.receipts.continueAfter(this.today(), known))
    this.#homeRead = true
  }

  #useProgramme(programme: Programme): void {
    applyBrand(programme.brandHue)
    this.#update({ programme })
  }

  #update(changed: Partial<TillStatus>): void {
    this.#status = { ...this.#status, ...changed }
    for (const listener of this.#listeners) listener(this.#status)
  }
}

/** What is kept for a start without the line is no reason to call the line down when storage is refused. */
async function ifPossible(kept: Promise<void>): Promise<void> {
  await kept.catch(() => undefined)
}
