import { Button, Chips, Empty, IconList, Skeleton, nearDay } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { Failed, Page } from '../../shell/page.tsx'
import { EntryRow } from './entry-row.tsx'
import { type Filter, byDay } from './kinds.ts'
import { useActivity } from './use-activity.ts'
import './activity.css'

const filters: Filter[] = ['all', 'earned', 'used', 'returned', 'expired']

/** Everything that ever changed the points, by day; each line can say why. */
export default function ActivityScreen() {
  const locale = useLocale()
  const { t } = locale
  const [filter, setFilter] = useState<Filter>('all')
  const { pages, error, loadingMore, more, reload } = useActivity(filter)
  const days = pages && byDay(pages.entries, (instant) => locale.dayKey(instant))
  return (
    <Page title={t('activity.title')}>
      <Chips label={t('activity.filter')} value={filter} onValue={setFilter} options={filters.map((value) => ({ value, label: t(`activity.${value}`) }))} />
      {!days && (error ? <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} blocks={5} />)}
      {days?.length === 0 && (
        <Empty icon={IconList} title={t(filter === 'all' ? 'activity.empty' : 'activity.emptyFilter')}>
          {filter === 'all' && <p class="quiet">{t('activity.emptyHint')}</p>}
        </Empty>
      )}
      {days?.map(([day, entries]) => (
        <section key={day} class="stack stack-tight" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} class="day">
            {nearDay(locale, entries[0]?.occurredAt ?? day) ?? locale.day(entries[0]?.occurredAt ?? day, { weekday: true })}
          </h2>
          <ul class="rows">
            {entries.map((entry) => (
              <EntryRow key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
      {pages?.hasMore && <More busy={loadingMore} onMore={more} failed={error !== undefined} />}
      {pages && !pages.hasMore && pages.entries.length > 0 && filter === 'all' && <p class="quiet small end">{t('activity.end')}</p>}
    </Page>
  )
}

/** Fetches the next page when it comes near; the button is for everybody whose browser or hand does not scroll. */
function More({ busy, failed, onMore }: { busy: boolean; failed: boolean; onMore: () => Promise<void> }) {
  const { t } = useLocale()
  const edge = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (failed || !edge.current) return
    const observer = new IntersectionObserver(([seen]) => seen?.isIntersecting && void onMore(), { rootMargin: '600px' })
    observer.observe(edge.current)
    return () => observer.disconnect()
  }, [onMore, failed])
  return (
    <div ref={edge}>
      <Button wide busy={busy} onClick={() => void onMore()}>
        {t('activity.more')}
      </Button>
    </div>
  )
}
