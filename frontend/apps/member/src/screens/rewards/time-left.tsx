import { useEffect, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'

/** "23 hours left", told again as it passes. @param until RFC 3339 */
export function TimeLeft({ until }: { until: string }) {
  const locale = useLocale()
  const { clock } = useService()
  const left = () => Date.parse(until) - clock.now()
  const [milliseconds, setMilliseconds] = useState(left)
  useEffect(() => {
    setMilliseconds(left())
    const timer = setInterval(() => setMilliseconds(left()), 15_000)
    return () => clearInterval(timer)
  }, [until])
  return <>{locale.t('claim.left', { time: locale.duration(milliseconds) })}</>
}
