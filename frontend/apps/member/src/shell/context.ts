import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { SnapshotFragment } from '../generated/graphql.ts'
import type { WalletService } from '../wallet/service.ts'
import type { Wallet, WalletState } from '../wallet/wallet.ts'

export const WalletContext = createContext<Wallet>(undefined as unknown as Wallet)
export const useWallet = () => useContext(WalletContext)

/** What talks, on screens that are fetched together with it. */
export function useService(): WalletService {
  const { service } = useWallet()
  if (!service) throw new Error('This screen came before what it stands on.')
  return service
}

/** The wallet's state, drawn again after every change. */
export function useWalletState(): WalletState {
  const wallet = useWallet()
  const [state, setState] = useState(wallet.state)
  useEffect(() => {
    const update = () => setState(wallet.state)
    update()
    return wallet.listen(update)
  }, [wallet])
  return state
}

/** The member on screens that exist only for one. */
export function useMember(): SnapshotFragment {
  const { member } = useWalletState()
  if (!member) throw new Error('This screen needs a member.')
  return member
}
