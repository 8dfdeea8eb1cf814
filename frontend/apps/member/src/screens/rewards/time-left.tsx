import { duration } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useWalletState } from '../../shell/context.ts'

/** "23 hours left", told again as it passes. @param until RFC 3339 */
export function TimeLeft({ until }: { until: string }) {
  const locale = useLocale()
  const { credential } = useWalletState()
  // By the service's clock, which the card keeps time by too.
  const left = () => Date.parse(until) - Date.now() - (credential?.clock.offsetMs ?? 0)
  const [milliseconds, setMilliseconds] = useState(left)
  useEffect(() => {
    setMilliseconds(left())
    const timer = setInterval(() => setMilliseconds(left()), 15_000)
    return () => clearInterval(timer)
  }, [until])
  return <>{locale.t('claim.left', { time: duration(locale, milliseconds) })}</>
}
