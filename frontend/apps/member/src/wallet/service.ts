import { forget, loadCredential, syncClock } from '@stampbook/card'
import { ApiError, type Client, type Store, createClient } from '@stampbook/gql'
import { type Session, currentSession, endSession } from '@stampbook/gql/account'
import { HomeDocument, PublicProgrammeDocument, type SnapshotFragment } from '../generated/graphql.ts'
import { ensureCredential, mayHaveCard } from './device.ts'
import { type Kept, type Wallet, type WalletState, keptKey, unfinished } from './wallet.ts'

const PATIENCE_MS = 10_000

/** Hears what changes, from when a member is known until they are signed out. */
export interface Listener {
  start(): void
  stop(): void
}

/** Brings a wallet up to date: asks the service, listens to it, and keeps for the next opening what it said. */
export class WalletService {
  readonly client: Client
  readonly store: Store
  /** Once the service was asked for the first time, and answered or could not be reached. */
  readonly started: Promise<void>
  readonly #wallet: Wallet
  #listener: Listener | undefined
  /** Whom the service speaks of now; undefined while nobody is signed in. */
  #memberId: string | undefined
  #outdated = false
  #turn: Promise<void> = Promise.resolve()

  constructor(wallet: Wallet) {
    this.#wallet = wallet
    this.store = wallet.store
    this.client = createClient({ onServerTime: (...exchange) => this.#learnTime(...exchange) })
    this.started = this.#start()
  }

  async #start(): Promise<void> {
    addEventListener('online', () => this.refresh())
    addEventListener('offline', () => this.#set({ line: 'offline' }))
    await this.refresh()
  }

  /** Asks the service again: after joining, or getting the line back. Never throws. */
  refresh(): Promise<void> {
    return this.#next(() => this.#ask())
  }

  /** Asks the service again, now that somebody has just signed in. */
  signedIn(): Promise<void> {
    return this.#next(async () => {
      await mayHaveCard(this.store)
      await this.#ask()
    })
  }

  /**
   * One after the other: an answer that is older than what was registered since would end a good card. A line that
   * answers nothing at all holds nobody up for long.
   */
  #next(work: () => Promise<void>): Promise<void> {
    const done = Promise.race([this.#turn, new Promise((go) => setTimeout(go, PATIENCE_MS))]).then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #ask(): Promise<void> {
    try {
      const session = await currentSession()
      if (!session.signedIn || session.kind === 'staff') return await this.#withoutMember(session)
      const { programme, viewer } = await this.client.request(HomeDocument)
      if (!viewer) return this.#set({ phase: 'joining', line: 'online', session, programme })
      // Somebody else signed in here: nothing of the last person may stay.
      if (this.#state.member && this.#state.member.id !== viewer.id) await this.forgetDevice()
      this.#set({ session, programme })
      this.#know(viewer)
      await this.#goOn(viewer.id, viewer.card.devices.map(({ credentialId }) => credentialId))
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
    await this.#next(async () => {
      await Promise.all([forget(), mayHaveCard(this.store)])
      this.#set({ credential: null, firstCode: undefined })
      await this.#ask()
    })
  }

  /** Ends the session, and leaves nothing of the member on this device. */
  signOut(): Promise<void> {
    return this.#next(async () => {
      await endSession()
      await this.forgetDevice()
    })
  }

  async forgetDevice(): Promise<void> {
    this.#stopListening()
    await Promise.all([forget(), this.store.clear()])
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(unfinished)) sessionStorage.removeItem(key)
    this.#set({ phase: 'signedOut', line: 'online', member: undefined, session: undefined, credential: null, firstCode: undefined, cardEnded: false, arrival: undefined, seenAt: 0 })
  }

  /** Lets it listen for changes, now and whenever a member is known; asked for once the card is on the screen. */
  listen(listener: Listener): void {
    this.#listener = listener
    if (this.#memberId) listener.start()
  }

  /** The service refused to go on telling of changes: perhaps the session ended. */
  refused(): void {
    this.#stopListening()
    void this.refresh()
  }

  /** This device's own credential, then the line for changes. */
  async #goOn(memberId: string, live: readonly string[]): Promise<void> {
    await ensureCredential(memberId, live, this.client, this.store).then(
      (credential) => (credential ? this.#set({ credential, refused: false, cardEnded: false }) : this.#endCard()),
      () => this.#set({ refused: true }),
    )
    this.#memberId = memberId
    this.#listener?.start()
  }

  async #withoutMember(session: Session): Promise<void> {
    if (this.#state.phase === 'member' && !session.signedIn) {
      // Another tab that signed out has taken the key with it.
      if (session.ended || !(await loadCredential().catch(() => null))) await this.#endCard()
      return this.#set({ line: 'ended', session })
    }
    this.#set({ phase: session.signedIn ? 'staff' : 'signedOut', line: 'online', session })
    if (!this.#state.programme) this.#set({ programme: (await this.client.request(PublicProgrammeDocument)).programme })
  }

  async #endCard(): Promise<void> {
    await forget()
    this.#set({ credential: null, firstCode: undefined, cardEnded: true })
  }

  #stopListening(): void {
    this.#memberId = undefined
    this.#listener?.stop()
  }

  #know(member: SnapshotFragment): void {
    this.#set({ phase: 'member', line: 'online', member, seenAt: Date.now() })
    const { programme } = this.#state
    if (programme) void this.store.set(keptKey, { programme, member } satisfies Kept)
  }

  #learnTime(serverTime: string, sentAtMs: number, receivedAtMs: number): void {
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
