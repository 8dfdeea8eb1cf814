import { type Credential, forget, loadCredential, syncClock } from '@stampbook/card'
import { ApiError, type Client, type Live, ServerClock, type Store, createClient, openStore } from '@stampbook/gql'
import { type EntryFragment, HomeDocument, MemberChangedDocument, type MemberChangedSubscription, type ProgrammeFactsFragment, PublicProgrammeDocument, type SnapshotFragment } from '../generated/graphql.ts'
import { type Session, currentSession, endSession } from '@stampbook/gql/account'

/** `starting`: not known yet; `staff`: this cookie belongs to somebody without a card. */
export type Phase = 'starting' | 'signedOut' | 'staff' | 'joining' | 'member'
/** `ended`: the session is gone, what is shown was kept from before. */
export type Line = 'online' | 'offline' | 'ended'

export interface WalletState {
  phase: Phase
  line: Line
  session: Session | undefined
  programme: ProgrammeFactsFragment | undefined
  member: SnapshotFragment | undefined
  /** When `member` was last heard from the service, milliseconds of this device. */
  seenAt: number
  credential: Credential | null
  /** This device got no credential: the number has to do. */
  refused: boolean
  /** The newest entry that arrived while the page was open. */
  arrival: EntryFragment | undefined
  /** Puts a newer version of the app in place; undefined when there is none. */
  update: (() => void) | undefined
}

type Change = MemberChangedSubscription['memberChanged']

interface Kept {
  programme: ProgrammeFactsFragment
  member: SnapshotFragment
}

const keptKey = 'home'

/**
 * Everything the screens know: what was kept from last time at once, then what the service says, then every change as it happens.
 * One per page; screens listen to it.
 */
export class Wallet {
  readonly client: Client
  readonly clock = new ServerClock()
  readonly store: Store
  #live: Live | undefined
  readonly #listeners = new Set<() => void>()
  readonly #changeListeners = new Set<(change: Change) => void>()
  #stopLive: (() => void) | undefined
  #outdated = false
  state: WalletState = {
    phase: 'starting', line: navigator.onLine ? 'online' : 'offline', session: undefined, programme: undefined, member: undefined, seenAt: 0, credential: null, refused: false, arrival: undefined, update: undefined,
  }

  constructor() {
    this.store = openStore('stampbook-member')
    this.client = createClient({ onServerTime: (...exchange) => this.#learnTime(...exchange) })
  }

  /** Calls back after every change of `state`, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Hears every change of the member, e.g. to put a new entry on top of a list. */
  onChange(listener: (change: Change) => void): () => void {
    this.#changeListeners.add(listener)
    return () => void this.#changeListeners.delete(listener)
  }

  /** What was kept on this device, before any network. */
  async restore(): Promise<void> {
    const [kept, credential] = await Promise.all([this.store.get<Kept>(keptKey), loadCredential().catch(() => null)])
    if (kept) this.#set({ phase: 'member', ...kept.value, seenAt: kept.at, credential })
  }

  /** Asks the service, and goes on listening to it. Never throws. */
  async start(): Promise<void> {
    addEventListener('online', () => this.refresh())
    addEventListener('offline', () => this.#set({ line: 'offline' }))
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#live?.reconnect()
    })
    await this.refresh()
  }

  /** Asks the service again: after signing in, joining, or getting the line back. Never throws. */
  async refresh(): Promise<void> {
    try {
      const session = await currentSession()
      if (!session.signedIn || session.kind === 'staff') return await this.#withoutMember(session)
      const { programme, viewer } = await this.client.request(HomeDocument)
      if (!viewer) return this.#set({ phase: 'joining', line: 'online', session, programme })
      // Somebody else signed in here: nothing of the last person may stay.
      if (this.state.member && this.state.member.id !== viewer.id) await this.forgetDevice()
      this.#set({ session, programme })
      this.#know(viewer)
      await this.#goOn(viewer.id)
    } catch (error) {
      const ended = error instanceof ApiError && error.kind === 'signedOut'
      // The service no longer knows what this version asks: the newer one is taken as soon as it is fetched.
      if (error instanceof ApiError && error.code === 'PERSISTED_DOCUMENT_NOT_FOUND') this.#outdated = true
      if (this.#outdated) this.state.update?.()
      this.#set({ line: ended ? 'ended' : 'offline', ...(this.state.phase === 'starting' && { phase: 'signedOut' }) })
    }
  }

  /** Takes over what a mutation answered, so that the screen is right before the change arrives. */
  know(member: SnapshotFragment): void {
    this.#know(member)
  }

  offerUpdate(update: () => void): void {
    if (this.#outdated) update()
    else this.#set({ update })
  }

  /** Ends the session, and leaves nothing of the member on this device. */
  async signOut(): Promise<void> {
    await endSession()
    await this.forgetDevice()
  }

  async forgetDevice(): Promise<void> {
    this.#stopListening()
    await Promise.all([forget(), this.store.clear()])
    this.#set({ phase: 'signedOut', line: 'online', member: undefined, session: undefined, credential: null, arrival: undefined, seenAt: 0 })
  }

  /** What the first paint did not need: the line for changes, and this device's own credential. */
  async #goOn(memberId: string): Promise<void> {
    const [{ createLive }, { ensureCredential }] = await Promise.all([import('@stampbook/gql/live'), import('./device.ts')])
    this.#live ??= createLive({
      onState: (state) => {
        if (state === 'waiting') this.#set({ line: 'offline' })
        if (state !== 'refused') return
        this.#stopListening()
        void this.refresh()
      },
    })
    this.#stopLive ??= this.#live.subscribe(MemberChangedDocument, {}, ({ memberChanged }) => this.#changed(memberChanged))
    const credential = await ensureCredential(memberId, this.client, this.store).catch(() => null)
    this.#set(credential ? { credential, refused: false } : { refused: true })
  }

  async #withoutMember(session: Session): Promise<void> {
    if (this.state.phase === 'member' && !session.signedIn) return this.#set({ line: 'ended', session })
    this.#set({ phase: session.signedIn ? 'staff' : 'signedOut', line: 'online', session })
    if (!this.state.programme) this.#set({ programme: (await this.client.request(PublicProgrammeDocument)).programme })
  }

  #stopListening(): void {
    this.#stopLive?.()
    this.#stopLive = undefined
  }

  #changed(change: Change): void {
    this.#know(change.member)
    if (change.activity) this.#set({ arrival: change.activity })
    for (const listener of this.#changeListeners) listener(change)
  }

  #know(member: SnapshotFragment): void {
    this.#set({ phase: 'member', line: 'online', member, seenAt: Date.now() })
    const { programme } = this.state
    if (programme) void this.store.set(keptKey, { programme, member } satisfies Kept)
  }

  #learnTime(serverTime: string, sentAtMs: number, receivedAtMs: number): void {
    this.clock.learn(serverTime, sentAtMs, receivedAtMs)
    const { credential } = this.state
    if (credential) void syncClock(credential, serverTime, { sentAtMs, receivedAtMs }).then((synced) => this.#set({ credential: synced }), () => {})
  }

  #set(change: Partial<WalletState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
