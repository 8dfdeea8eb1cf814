import type { Database } from '../storage/database.ts'
import type { PostResult, QueuedPost } from './post.ts'

/** Whether this tab changed the queue, or another one of the same till. */
export type ChangedBy = 'here' | 'elsewhere'

export type SettledResult = Exclude<PostResult, { kind: 'instead' }>

/** Runs work of a name while no other tab of this till does; either waits for that, or leaves it to the other. */
export interface Exclusive {
  waiting<T>(name: string, work: () => Promise<T>): Promise<T>
  unlessBusy(name: string, work: () => Promise<void>): Promise<void>
}

const LOCK = 'stampbook-till-queue'

export const oneTabOnly: Exclusive = {
  // The browser awaits what the work answers, which its types do not say.
  waiting: async (name, work) => await navigator.locks.request(`${LOCK}:${name}`, work),
  unlessBusy: (name, work) =>
    navigator.locks.request(`${LOCK}:${name}`, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await work()
    }),
}

/**
 * Sales and returns that the service has not confirmed. Everything goes through here before it is sent, so that a closed
 * lid, a lost line or an answer that never came loses nothing; what the service has confirmed leaves the queue.
 */
export class PostQueue {
  readonly #database: Database
  readonly #send: (post: QueuedPost) => Promise<PostResult>
  readonly #exclusive: Exclusive
  readonly #sending = new Map<string, Promise<SettledResult>>()
  readonly #listeners = new Set<(by: ChangedBy) => void>()

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
    this.#changed('here')
  }

  /**
   * Sends one post of the queue now. If another tab has got it posted meanwhile it is sent once more, which counts
   * nothing twice and brings the receipt.
   */
  post(post: QueuedPost): Promise<SettledResult> {
    const under = this.#sending.get(post.id)
    if (under !== undefined) return under
    const sending = this.#exclusive
      .waiting(post.id, async () => this.#deliver((await this.#find(post.id)) ?? post))
      .finally(() => {
        this.#sending.delete(post.id)
        this.#changed('here')
      })
    this.#sending.set(post.id, sending)
    return sending
  }

  /** Sends everything that waits, oldest first, until the line turns out to be down. */
  async drain(): Promise<void> {
    await this.#exclusive.unlessBusy('drain', async () => {
      for (const { id } of await this.all()) {
        // Another tab may have dealt with it since the list was read.
        const post = await this.#find(id)
        if (post?.state !== 'waiting') continue
        const result = await this.post(post)
        if (result.kind === 'later' && result.lineIsDown) return
      }
    })
  }

  /** Sends a post of the list again, perhaps changed. */
  async retry(post: QueuedPost): Promise<SettledResult> {
    const waiting = { ...post, state: 'waiting', problem: null } as const
    await this.#keep(waiting)
    return this.post(waiting)
  }

  /** Takes a conflict off the list of things to do; it stays stored. */
  async setAside(post: QueuedPost): Promise<void> {
    await this.add({ ...post, state: 'setAside' })
  }

  /** @returns how to stop listening */
  onChange(listener: (by: ChangedBy) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Another tab has changed what is stored. */
  changedElsewhere(): void {
    this.#changed('elsewhere')
  }

  async #deliver(post: QueuedPost): Promise<SettledResult> {
    const result = await this.#send(post)
    if (result.kind === 'instead') {
      // Kept before it is sent: if that answer is lost, exactly this must be sent again.
      await this.#replace(result.post)
      return this.#deliver(result.post)
    }
    if (result.kind === 'posted') await this.#database.run('queue', 'readwrite', (store) => store.delete(post.id))
    if (result.kind === 'conflict')
      await this.#replace({ ...post, state: 'conflict', problem: result.problem, attempts: post.attempts + 1 })
    if (result.kind === 'later') await this.#replace({ ...post, attempts: post.attempts + 1 })
    return result
  }

  #find(id: string): Promise<QueuedPost | undefined> {
    return this.#database.run<QueuedPost | undefined>('queue', 'readonly', (store) => store.get(id))
  }

  async #keep(post: QueuedPost): Promise<void> {
    await this.#database.run('queue', 'readwrite', (store) => store.put(post))
  }

  /** What was confirmed and has left the queue does not come back. */
  async #replace(post: QueuedPost): Promise<void> {
    await this.#database.replace('queue', post.id, post)
  }

  #changed(by: ChangedBy): void {
    for (const listener of this.#listeners) listener(by)
  }
}
