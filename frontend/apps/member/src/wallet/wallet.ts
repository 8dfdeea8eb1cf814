import { loadCredential } from '@stampbook/card/code.ts'
import type { Credential } from '@stampbook/card/storage.ts'
import type { Session } from '@stampbook/gql/account'
import { openStore } from '@stampbook/gql/store.ts'
import type { EntryFragment, ProgrammeFactsFragment, SnapshotFragment } from '../generated/graphql.ts'
import { type ShownCode, makeCode } from './code.ts'
import type { WalletService } from './service.ts'

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
  /** Made of `credential` before anything was drawn, so that the first thing drawn is the code. */
  firstCode: ShownCode | undefined
  /** This device got no credential: the number has to do. */
  refused: boolean
  /** Somebody removed this device's card, or signed the device out, elsewhere: it has no codes until the next sign-in. */
  cardEnded: boolean
  /** The newest entry that arrived while the page was open. */
  arrival: EntryFragment | undefined
  /** Puts a newer version of the app in place; undefined when there is none. */
  update: (() => void) | undefined
}

/** What is kept on the device for the next opening. */
export interface Kept {
  programme: ProgrammeFactsFragment
  member: SnapshotFragment
}

export const keptKey = 'home'
/** What a tab keeps of things half done, under keys that begin so; it goes with the member. */
export const unfinished = 'stampbook.unfinished.'

/** What the screens know, and whom they tell; `service` brings it up to date once it was fetched. One per page. */
export class Wallet {
  readonly store = openStore('stampbook-member')
  service: WalletService | undefined
  readonly #listeners = new Set<() => void>()
  state: WalletState = {
    phase: 'starting', line: navigator.onLine ? 'online' : 'offline', session: undefined, programme: undefined, member: undefined, seenAt: 0, credential: null, firstCode: undefined, refused: false, cardEnded: false, arrival: undefined, update: undefined,
  }

  /** Calls back after every change of `state`, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  set(change: Partial<WalletState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.#listeners) listener()
  }

  /** What was kept on this device, and the code it can show, before any network. */
  async restore(): Promise<void> {
    const [kept, credential] = await Promise.all([this.store.get<Kept>(keptKey), loadCredential().catch(() => null)])
    if (!kept) return
    const { member } = kept.value
    const firstCode = credential ? await makeCode(credential, member.redemptions.nodes.length > 0).catch(() => undefined) : undefined
    this.set({ phase: 'member', ...kept.value, seenAt: kept.at, credential, firstCode })
  }
}
