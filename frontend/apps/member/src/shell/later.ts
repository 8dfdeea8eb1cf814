import { useEffect, useState } from 'preact/hooks'
import type { WalletService } from '../wallet/service.ts'
import type { Wallet } from '../wallet/wallet.ts'

export type Later = typeof import('../later.ts')

let later: Later | undefined
let loading: Promise<Later> | undefined
let serving: Promise<WalletService> | undefined
const waiting = new Set<(loaded: Later) => void>()

/** Fetches what talks to the service, once, and lets it. */
export function loadService(wallet: Wallet): Promise<WalletService> {
  return (serving ??= import('../wallet/service.ts').then(
    ({ WalletService }) => (wallet.service = new WalletService(wallet)),
    (error: unknown) => {
      serving = undefined
      throw error
    },
  ))
}

/** Fetches what follows the card, once; again when the line is back on a device that could not fetch it. */
export function loadLater(wallet: Wallet): Promise<Later> {
  return (loading ??= Promise.all([import('../later.ts'), loadService(wallet)]).then(
    async ([loaded, service]) => {
      await loaded.begin(wallet, service)
      later = loaded
      for (const tell of waiting) tell(loaded)
      return loaded
    },
    (error: unknown) => {
      loading = undefined
      addEventListener('online', () => void loadLater(wallet), { once: true })
      throw error
    },
  ))
}

/** Works once the next frame is on the screen (an effect of a slow device may come before it); at once where none is drawn. */
export function afterPaint(work: () => void): void {
  if (document.visibilityState === 'hidden') work()
  else requestAnimationFrame(() => setTimeout(work))
}

/** What follows the card, as soon as it is there; asks for nothing. */
export function useLater(): Later | undefined {
  const [shown, show] = useState(later)
  useEffect(() => {
    const tell = (loaded: Later) => show(loaded)
    if (later) tell(later)
    waiting.add(tell)
    return () => void waiting.delete(tell)
  }, [])
  return shown
}
