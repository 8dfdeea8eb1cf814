import type { Database } from '../storage/database.ts'
import type { PostResult, QueuedPost } from './post.ts'

export type SettledResult = Exclude<PostResult, { kind: 'instead' }>

/** Runs work while no other tab of this till does the same; work that is under way elsewhere is left to it. */
export type Exclusive = (work: () => Promise<void>) => Promise<void>

const LOCK = 'stampbook-till-queue'

export const oneTabOnly: Exclusive = (work) =>
  navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work()
  })

/**
 * Sales and returns that the service has not confirmed. Everything goes through here before it is sent, so that a closed
 * lid, a lost line or an answer that never came loses nothing; what the service has confirmed leaves the queue.
 */
export class PostQueue {
  readonly #database: Database
  readonly #send: (post: QueuedPost) => Promise<PostResult>
  readonly #exclusive: Exclusive
  readonly #sending = new Map<string, Promise<SettledResult>>()
  readonly #listeners = new Set<() => void>()

  constructor(database: Database, send: (post: QueuedPost) => Promise<PostResult>, exclusive: Exclusive = oneTabOnly) {
    this.#database = database
    this.#send = send
    this.#exclusive = exclusive
  }

  /** Everything that is not confirmed, oldest first. */
  async all(): Promise<QueuedPost[]> {
    const posts = await this.#database.run<QueuedPost[]>('queue', 'readonly', (store) => store.getAll())
    return posts.sort((one, other) => one.madeAtMs - other.madeAtMs)
  }

  /** Keeps a post; when this returns, it survives anything but the loss of the browser's storage. */
  async add(post: QueuedPost): Promise<void> {
    await this.#keep(post)
    this.#changed()
  }

  /** Sends one post now. @throws RangeError when it is not in the queue. */
  async post(id: string): Promise<SettledResult> {
    const under = this.#sending.get(id)
    if (under !== undefined) return under
    const sending = this.#post(id).finally(() => {
      this.#sending.delete(id)
      this.#changed()
    })
    this.#sending.set(id, sending)
    return sending
  }

  /** Sends everything that waits, oldest first, until the line turns out to be down. */
  async drain(): Promise<void> {
    await this.#exclusive(async () => {
      for (const { id, state } of await this.all()) {
        if (state !== 'waiting') continue
        const result = await this.post(id)
        if (result.kind === 'later' && result.lineIsDown) return
      }
    })
  }

  /** Sends a post of the list again, perhaps changed. */
  async retry(post: QueuedPost): Promise<SettledResult> {
    await this.#keep({ ...post, state: 'waiting', problem: null })
    return this.post(post.id)
  }

  /** Takes a conflict off the list of things to do; it stays stored. */
  async setAside(post: QueuedPost): Promise<void> {
    await this.add({ ...post, state: 'setAside' })
  }

  /** @returns how to stop listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #post(id: string): Promise<SettledResult> {
    const post = await this.#database.run<QueuedPost | undefined>('queue', 'readonly', (store) => store.get(id))
    if (post === undefined) throw new RangeError('This post is not in the queue.')
    const result = await this.#send(post)
    if (result.kind === 'instead') {
      // Kept before it is sent: if that answer is lost, exactly this must be sent again.
      await this.#keep(result.post)
      return this.#post(id)
    }
    if (result.kind === 'posted') await this.#database.run('queue', 'readwrite', (store) => store.delete(id))
    if (result.kind === 'conflict')
      await this.#keep({ ...post, state: 'conflict', problem: result.problem, attempts: post.attempts + 1 })
    if (result.kind === 'later') await this.#keep({ ...post, attempts: post.attempts + 1 })
    return result
  }

  async #keep(post: QueuedPost): Promise<void> {
    await this.#database.run('queue', 'readwrite', (store) => store.put(post))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
