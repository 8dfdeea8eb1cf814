import { type Live, createLive } from '@stampbook/gql/live'
import { MemberChangedDocument, type MemberChangedSubscription } from '../generated/graphql.ts'
import type { Listener, WalletService } from './service.ts'
import type { Wallet } from './wallet.ts'

type Change = MemberChangedSubscription['memberChanged']

const listeners = new Set<(change: Change) => void>()

/** Hears every change of the member, e.g. to put a new entry on top of a list. @returns how to stop */
export function onChange(listener: (change: Change) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The line on which the service tells what changes; everything that is shown follows it. */
export function changesOf(wallet: Wallet, service: WalletService): Listener {
  const live: Live = createLive({
    onState: (state) => {
      if (state === 'waiting') wallet.set({ line: 'offline' })
      if (state === 'refused') service.refused()
    },
  })
  const changed = (change: Change) => {
    service.know(change.member)
    // Whether this device's own card is among those that are left, the service says when it is asked.
    if (change.cause === 'CARD') void service.refresh()
    if (change.activity) wallet.set({ arrival: change.activity })
    for (const listener of listeners) listener(change)
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') live.reconnect()
  })
  let stop: (() => void) | undefined
  return {
    start: () => {
      stop ??= live.subscribe(MemberChangedDocument, {}, ({ memberChanged }) => changed(memberChanged))
    },
    stop: () => {
      stop?.()
      stop = undefined
    },
  }
}
