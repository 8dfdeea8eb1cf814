import { ApiError, type Client, type Document, type Variables, createClient } from '@stampbook/gql'
import { type Session, currentSession, endSession } from '@stampbook/gql/account'
import { needsProof } from '@stampbook/gql/proofs.ts'
import { ConsoleStartDocument, type ConsoleStartQuery } from '../generated/graphql.ts'
import { forgetRecents } from '../logic/recent.ts'

/** `starting`: not known yet; `notStaff`: signed in, but as somebody without a role. */
export type Phase = 'starting' | 'unreachable' | 'signedOut' | 'notStaff' | 'staff'

export type Programme = ConsoleStartQuery['programme']

export interface DeskState {
  phase: Phase
  /** The session ended while the page was open: what is shown stays behind the sign-in. */
  ended: boolean
  /** Something waits for whoever sits here to confirm that it is them; what is shown stays behind that. */
  proving: boolean
  session: Session | undefined
  programme: Programme | undefined
  /** Raised when everything shown has to be asked again. */
  round: number
}

export interface Kept<T> {
  value: T
  /** Milliseconds of this device. */
  at: number
}

/** Who sits here, and every question to the service. What was answered is kept while the page is open, never on disk. */
export class Desk {
  readonly #client: Client = createClient()
  readonly #listeners = new Set<() => void>()
  /** Who waits for the answer to `confirm`. */
  #waiting: ((done: boolean) => void)[] = []
  readonly kept = new Map<string, Kept<unknown>>()
  state: DeskState = { phase: 'starting', ended: false, proving: false, session: undefined, programme: undefined, round: 0 }

  /** Calls back after every change of `state`, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Finds out who is signed in: at the start and after signing in. Never throws. */
  async start(): Promise<void> {
    try {
      const [session, { programme }] = await Promise.all([currentSession(), this.#client.request(ConsoleStartDocument)])
      const before = this.state.session
      if (this.state.ended && session.signedIn && session.identityId !== before?.identityId) this.kept.clear()
      const phase = !session.signedIn ? 'signedOut' : session.kind === 'staff' ? 'staff' : 'notStaff'
      this.#set({ phase, session, programme, ended: false, round: this.state.round + 1 })
    } catch {
      if (this.state.phase === 'starting') this.#set({ phase: 'unreachable' })
    }
  }

  /** @throws ApiError; a session that ended is noticed here, for every screen. */
  async ask<Data, Vars extends Variables>(document: Document<Data, Vars>, variables: Vars, signal?: AbortSignal): Promise<Data> {
    try {
      return await this.proved(() => this.#client.request(document, ...([variables, signal] as never)))
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'signedOut' && !needsProof(error)) this.#set({ ended: true })
      throw error
    }
  }

  /** Does some work, once more after a fresh proof where the service wants one first. */
  async proved<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work()
    } catch (error) {
      if (needsProof(error) && (await this.confirm())) return work()
      throw error
    }
  }

  /** Asks whoever sits here to confirm that it is them; false when they would rather not. */
  confirm(): Promise<boolean> {
    this.#set({ proving: true })
    return new Promise((answer) => this.#waiting.push(answer))
  }

  /** Ends the question of `confirm`. */
  confirmed(done: boolean): void {
    for (const answer of this.#waiting.splice(0)) answer(done)
    this.#set({ proving: false })
  }

  may(scope: string): boolean {
    return this.state.session?.scopes?.includes(scope) ?? false
  }

  /** Ends the session, and leaves nothing of any member on this device. */
  async signOut(): Promise<void> {
    await endSession()
    this.kept.clear()
    forgetRecents()
    this.#set({ phase: 'signedOut', session: undefined, ended: false })
  }

  #set(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
