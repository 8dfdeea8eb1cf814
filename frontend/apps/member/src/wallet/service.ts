import { forget, syncClock } from '@stampbook/card'
import { ApiError, type Client, type Live, ServerClock, type Store, createClient } from '@stampbook/gql'
import { type Session, currentSession, endSession } from '@stampbook/gql/account'
import { HomeDocument, MemberChangedDocument, type MemberChangedSubscription, PublicProgrammeDocument, type SnapshotFragment } from '../generated/graphql.ts'
import { ensureCredential } from './device.ts'
import { type Kept, type Wallet, type WalletState, keptKey, unfinished } from './wallet.ts'

type Change = MemberChangedSubscription['memberChanged']

/** Brings a wallet up to date: asks the service, listens to it, and keeps for the next opening what it said. */
export class WalletService {
  readonly client: Client
  readonly clock = new ServerClock()
  readonly store: Store
  /** Once the service was asked for the first time, and answered or could not be reached. */
  readonly started: Promise<void>
  readonly #wallet: Wallet
  readonly #changeListeners = new Set<(change: Change) => void>()
  #live: Live | undefined
  #stopLive: (() => void) | undefined
  /** Whom the service speaks of now; undefined while nobody is signed in. */
  #memberId: string | undefined
  #listening = false
  #outdated = false

  constructor(wallet: Wallet) {
    this.#wallet = wallet
    this.store = wallet.store
    this.client = createClient({ onServerTime: (...exchange) => this.#learnTime(...exchange) })
    this.started = this.#start()
  }

  /** Hears every change of the member, e.g. to put a new entry on top of a list. */
  onChange(listener: (change: Change) => void): () => void {
    this.#changeListeners.add(listener)
    return () => void this.#changeListeners.delete(listener)
  }

  async #start(): Promise<void> {
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
      if (this.#state.member && this.#state.member.id !== viewer.id) await this.forgetDevice()
      this.#set({ session, programme })
      this.#know(viewer)
      await this.#goOn(viewer.id)
    } catch (error) {
      const ended = error instanceof ApiError && error.kind === 'signedOut'
      // The service no longer knows what this version asks: the newer one is taken as soon as it is fetched.
      if (error instanceof ApiError && error.code === 'PERSISTED_DOCUMENT_NOT_FOUND') this.#outdated = true
      if (this.#outdated) this.#state.update?.()
      this.#set({ line: ended ? 'ended' : 'offline', ...(this.#state.phase === 'starting' && { phase: 'signedOut' }) })
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

  /** Makes a new card for this device, after all old ones were revoked here. */
  async replaceCredential(): Promise<void> {
    await forget()
    this.#set({ credential: null, firstCode: undefined })
    await this.refresh()
  }

  /** Ends the session, and leaves nothing of the member on this device. */
  async signOut(): Promise<void> {
    await endSession()
    await this.forgetDevice()
  }

  async forgetDevice(): Promise<void> {
    this.#stopListening()
    await Promise.all([forget(), this.store.clear()])
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(unfinished)) sessionStorage.removeItem(key)
    this.#set({ phase: 'signedOut', line: 'online', member: undefined, session: undefined, credential: null, firstCode: undefined, arrival: undefined, seenAt: 0 })
  }

  /** Listens for changes, now and whenever a member is known; asked for once the card is on the screen. */
  listen(): void {
    this.#listening = true
    if (this.#memberId) void this.#goLive()
  }

  /** This device's own credential, then the line for changes. */
  async #goOn(memberId: string): Promise<void> {
    const credential = await ensureCredential(memberId, this.client, this.store).catch(() => null)
    this.#set(credential ? { credential, refused: false } : { refused: true })
    this.#memberId = memberId
    if (this.#listening) await this.#goLive()
  }

  async #goLive(): Promise<void> {
    const { createLive } = await import('@stampbook/gql/live')
    this.#live ??= createLive({
      onState: (state) => {
        if (state === 'waiting') this.#set({ line: 'offline' })
        if (state !== 'refused') return
        this.#stopListening()
        void this.refresh()
      },
    })
    this.#stopLive ??= this.#live.subscribe(MemberChangedDocument, {}, ({ memberChanged }) => this.#changed(memberChanged))
  }

  async #withoutMember(session: Session): Promise<void> {
    if (this.#state.phase === 'member' && !session.signedIn) return this.#set({ line: 'ended', session })
    this.#set({ phase: session.signedIn ? 'staff' : 'signedOut', line: 'online', session })
    if (!this.#state.programme) this.#set({ programme: (await this.client.request(PublicProgrammeDocument)).programme })
  }

  #stopListening(): void {
    this.#memberId = undefined
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
    const { programme } = this.#state
    if (programme) void this.store.set(keptKey, { programme, member } satisfies Kept)
  }

  #learnTime(serverTime: string, sentAtMs: number, receivedAtMs: number): void {
    this.clock.learn(serverTime, sentAtMs, receivedAtMs)
    const { credential } = this.#state
    if (credential) void syncClock(credential, serverTime, { sentAtMs, receivedAtMs }).then((synced) => this.#set({ credential: synced }), () => {})
  }

  get #state(): WalletState {
    return this.#wallet.state
  }

  #set(change: Partial<WalletState>): void {
    this.#wallet.set(change)
  }
}
