import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { SnapshotFragment } from '../generated/graphql.ts'
import { useLocale } from '../i18n/index.ts'
import type { Wallet, WalletState } from '../wallet/wallet.ts'

export const WalletContext = createContext<Wallet>(undefined as unknown as Wallet)
export const useWallet = () => useContext(WalletContext)

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

/** "1,240 points", or the programme's own word for them. */
export function usePoints(): (n: number) => string {
  const { programme } = useWallet().state
  const locale = useLocale()
  const own = programme && programme.pointsNameOther !== 'points' ? programme : undefined
  return (n) => (own ? `${locale.number(n)} ${n === 1 ? own.pointsNameOne : own.pointsNameOther}` : locale.t('points', { n }))
}
