import { Skeleton } from '@stampbook/ui'
import { OverviewDocument, type OverviewQuery } from '../generated/graphql.ts'
import { WaitingMerges } from '../merges/waiting.tsx'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import { Days } from './days.tsx'
import './overview.css'

type Figures = NonNullable<OverviewQuery['staff']>['overview']

/** The programme at a glance. */
export function OverviewScreen() {
  const { t } = useLocale()
  const desk = useDesk()
  const { value, at, error, loading, reload } = useAsked('overview', async (signal) => (await desk.ask(OverviewDocument, {}, signal)).staff?.overview)
  return (
    <div class="page">
      <Heading title={t('overview.title')}>
        <AsOf at={at} loading={loading} reload={reload} />
      </Heading>
      <p class="quiet">{t('overview.hint')}</p>
      {desk.may('support:merge') && <WaitingMerges onDecided={reload} />}
      {error !== undefined && <Failed error={error} reload={reload} title={t('overview.unavailable')} />}
      {value ? <Shown figures={value} /> : error === undefined && <Skeleton label={t('loading')} />}
    </div>
  )
}

function Shown({ figures }: { figures: Figures }) {
  const locale = useLocale()
  const { t } = locale
  const shown = [
    { label: t('overview.members'), value: figures.members, note: t('overview.week', { n: figures.membersThisWeek }) },
    { label: t('overview.purchases'), value: figures.purchasesToday },
    { label: t('overview.active'), value: figures.active, note: t('overview.pending', { n: figures.pending }) },
    { label: t('overview.reserved'), value: figures.reserved },
    { label: t('overview.issued'), value: figures.issued },
    { label: t('overview.spent'), value: figures.redeemed, note: t('overview.expired', { n: figures.expired }) },
  ]
  return (
    <>
      <dl class="tiles">
        {shown.map(({ label, value, note }) => (
          <div key={label} class="tile">
            <dt>{label}</dt>
            <dd>
              <span class="tile-value">{locale.number(value)}</span>
              {note && <span class="quiet small">{note}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <Days days={figures.perDay} />
    </>
  )
}
