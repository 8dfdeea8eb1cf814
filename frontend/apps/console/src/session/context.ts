import { Locale } from '@stampbook/ui'
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { type Key, en } from '../words/en.ts'
import type { Desk, DeskState } from './desk.ts'

export const DeskContext = createContext<Desk>(undefined as unknown as Desk)
export const useDesk = () => useContext(DeskContext)

export const makeLocale = (timeZone?: string) => new Locale<Key>('en', en, { timeZone })
export const LocaleContext = createContext<Locale<Key>>(makeLocale())
export const useLocale = () => useContext(LocaleContext)

/** The desk's state, drawn again after every change. */
export function useDeskState(): DeskState {
  const desk = useDesk()
  const [state, setState] = useState(desk.state)
  useEffect(() => {
    const update = () => setState(desk.state)
    update()
    return desk.listen(update)
  }, [desk])
  return state
}

/** "1,240 points", or the programme's own word for them. */
export function usePoints(): (n: number) => string {
  const { programme } = useDesk().state
  const locale = useLocale()
  const own = programme && programme.pointsNameOther !== 'points' ? programme : undefined
  return (n) => (own ? `${locale.number(n)} ${n === 1 ? own.pointsNameOne : own.pointsNameOther}` : locale.t('points', { n }))
}
