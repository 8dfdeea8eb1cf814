import { useLocale } from '../i18n/index.ts'
import { useWallet } from './context.ts'

/** "1,240 points", or the programme's own word for them. */
export function usePoints(): (n: number) => string {
  const { programme } = useWallet().state
  const locale = useLocale()
  const own = programme && programme.pointsNameOther !== 'points' ? programme : undefined
  return (n) => (own ? `${locale.number(n)} ${n === 1 ? own.pointsNameOne : own.pointsNameOther}` : locale.t('points', { n }))
}
