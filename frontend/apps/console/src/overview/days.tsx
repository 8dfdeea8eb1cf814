import { Button, Empty, IconList } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import type { OverviewQuery } from '../generated/graphql.ts'
import { download, toCsv } from '../logic/csv.ts'
import { useLocale } from '../session/context.ts'
import { bars, everyDay, roundUp } from './chart.ts'

type Day = NonNullable<OverviewQuery['staff']>['overview']['perDay'][number]

const shownDays = 30
const width = 960
const height = 220
const left = 56
const bottom = 24

/** Points earned and redeemed per day, as a chart or as the same table. */
export function Days({ days }: { days: readonly Day[] }) {
  const locale = useLocale()
  const { t } = locale
  const today = locale.dayKey(new Date().toISOString())
  const [table, setTable] = useState(false)
  if (days.length === 0) return <Empty icon={IconList} title={t('overview.quiet')} />
  const csv = () => download('points-per-day.csv', toCsv(['day', 'earned', 'redeemed', 'sales'], days.map(({ day, earned, redeemed, purchases }) => [day, earned, redeemed, purchases])))
  return (
    <section class="panel" aria-labelledby="days-title">
      <div class="cluster">
        <h2 id="days-title" class="days-title">
          {t('overview.chart')}
        </h2>
        <Button look="quiet" onClick={() => setTable(!table)}>
          {table ? t('overview.showChart') : t('overview.showTable')}
        </Button>
        <Button look="quiet" onClick={csv}>
          {t('export')}
        </Button>
      </div>
      {table ? <DaysTable days={days} /> : <Chart days={everyDay(days, today, shownDays, (day) => ({ day, earned: 0, redeemed: 0, purchases: 0 }))} />}
    </section>
  )
}

function Chart({ days }: { days: readonly Day[] }) {
  const locale = useLocale()
  const { t } = locale
  const most = roundUp(Math.max(...days.map(({ earned, redeemed }) => Math.max(earned, redeemed))))
  const plot = { width: width - left, height: height - bottom - 8 }
  const sum = (of: 'earned' | 'redeemed') => locale.number(days.reduce((total, day) => total + day[of], 0))
  const dayShort = (day: string) => new Intl.DateTimeFormat(locale.language, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`))
  const marks = days.length > 1 ? [0, Math.floor((days.length - 1) / 2), days.length - 1] : [0]
  return (
    <figure class="chart stack stack-tight" tabIndex={0} aria-labelledby="days-title">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('overview.chartText', { earned: sum('earned'), redeemed: sum('redeemed') })}>
        {[0, 0.5, 1].map((share) => {
          const y = 8 + plot.height * (1 - share)
          return (
            <g key={share}>
              <path class="chart-line" d={`M${left} ${y}H${width}`} />
              <text class="chart-text" x={left - 8} y={y + 4} text-anchor="end">
                {locale.number(most * share)}
              </text>
            </g>
          )
        })}
        <g transform={`translate(${left} 8)`}>
          {(['earned', 'redeemed'] as const).map((of, row) =>
            bars(days.map((day) => day[of]), most, plot.width, plot.height, row as 0 | 1).map((bar, at) => (
              <rect key={`${of} ${at}`} class={`chart-${of}`} {...bar} rx="1.5">
                <title>{`${dayShort((days[at] as Day).day)}: ${locale.number((days[at] as Day)[of])}`}</title>
              </rect>
            )),
          )}
          {marks.map((at) => (
            <text key={at} class="chart-text" x={at > 0 && at === days.length - 1 ? plot.width : ((at + 0.5) * plot.width) / days.length} y={plot.height + 20} text-anchor={at > 0 && at === days.length - 1 ? 'end' : 'middle'}>
              {dayShort((days[at] as Day).day)}
            </text>
          ))}
        </g>
      </svg>
      <figcaption class="cluster small">
        <span class="legend legend-earned">{t('overview.earned')}</span>
        <span class="legend legend-redeemed">{t('overview.redeemed')}</span>
      </figcaption>
    </figure>
  )
}

function DaysTable({ days }: { days: readonly Day[] }) {
  const locale = useLocale()
  const { t } = locale
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{t('overview.day')}</th>
          {(['overview.earned', 'overview.redeemed', 'overview.sales'] as const).map((key) => (
            <th key={key} scope="col" class="number">
              {t(key)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map(({ day, earned, redeemed, purchases }) => (
          <tr key={day}>
            <th scope="row">{locale.calendarDay(day)}</th>
            <td class="number">{locale.number(earned)}</td>
            <td class="number">{locale.number(redeemed)}</td>
            <td class="number">{locale.number(purchases)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
