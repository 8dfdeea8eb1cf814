/** Everything of the wallet that may come after the card is on the screen, in one file: a dozen small ones compress worse. */
import './later.css'
import { applyBrand } from '@stampbook/ui'
import { loadAllWords } from './i18n/index.ts'
import { watchForUpdates } from './shell/update.ts'
import { changesOf } from './wallet/changes.ts'
import type { WalletService } from './wallet/service.ts'
import type { Wallet } from './wallet/wallet.ts'

export { CardEnded } from './screens/card/card-ended.tsx'
export { CardFull } from './screens/card/card-full.tsx'
export { Side } from './screens/card/side.tsx'
export { UpdateNote } from './shell/update-note.tsx'
export { Toasts } from '@stampbook/ui'

/** Brings the words of all screens and the programme's own colour, listens for changes, and keeps the app on the device. */
export async function begin(wallet: Wallet, service: WalletService): Promise<void> {
  await loadAllWords()
  const brand = () => wallet.state.programme && void applyBrand(wallet.state.programme.brandHue)
  brand()
  wallet.listen(brand)
  service.listen(changesOf(wallet, service))
  // The line first, then the files for the next opening.
  if (import.meta.env.PROD) void service.started.then(() => watchForUpdates(service))
}
