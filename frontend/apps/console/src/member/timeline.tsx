import { Button, Chips, Empty, IconList, Skeleton } from '@stampbook/ui'
import { useRef, useState } from 'preact/hooks'
import type { MemberFactsFragment } from '../generated/graphql.ts'
import { download, toCsv } from '../logic/csv.ts'
import { stepped } from '../logic/keys.ts'
import { useLocale } from '../session/context.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { Failed } from '../shell/states.tsx'
import { EventRow } from './event-row.tsx'
import { csvColumns, csvRow } from './event-words.ts'
import { type Filter, type TimelineState, keyOf } from './use-timeline.ts'

const kinds = ['POINTS', 'PURCHASE', 'RETURN', 'REDEMPTION', 'SECURITY', 'MESSAGE', 'PROFILE', 'MERGE'] as const

interface TimelineProps {
  member: MemberFactsFragment
  timeline: TimelineState
  onChanged: (member?: MemberFactsFragment) => void
}

/** Everything that happened, the newest first, each row opening to its full truth. */
export function Timeline({ member, timeline, onChanged }: TimelineProps) {
  const locale = useLocale()
  const { t } = locale
  const { filter, setFilter, pages, error, loading, loadingMore, reload, more } = timeline
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const list = useRef<HTMLOListElement>(null)
  const rows = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('.event-row') ?? [])]
  const step = (by: 1 | -1) => {
    const all = rows()
    const now = all.findIndex((row) => row.closest('li')?.contains(document.activeElement))
    const row = all[stepped(now, by, all.length)]
    row?.focus()
    row?.scrollIntoView({ block: 'nearest' })
  }
  useShortcuts({
    next: () => step(1),
    previous: () => step(-1),
    open: () => (document.activeElement as HTMLElement | null)?.closest('li.event')?.querySelector<HTMLButtonElement>('.event-row')?.click(),
  })
  const toggle = (key: string) =>
    setOpened((now) => {
      const next = new Set(now)
      if (!next.delete(key)) next.add(key)
      return next
    })
  const options: { value: Filter; label: string }[] = [{ value: 'ALL', label: t('timeline.all') }, ...kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))]
  const events = pages?.events ?? []
  let day = ''
  return (
    <section class="timeline" aria-labelledby="timeline-title" aria-busy={loading}>
      <div class="timeline-head">
        <h2 id="timeline-title">{t('timeline.title')}</h2>
        <Button look="quiet" disabled={events.length === 0} onClick={() => download(`timeline-${member.id}.csv`, toCsv(csvColumns, events.map(csvRow)))}>
          {t('export')}
        </Button>
        <Chips label={t('timeline.filter')} value={filter} options={options} onValue={setFilter} />
      </div>
      {error !== undefined && <Failed error={error} reload={reload} />}
      {!pages && error === undefined && <Skeleton label={t('loading')} />}
      {pages && events.length === 0 && (
        <Empty icon={IconList} title={filter === 'ALL' ? t('timeline.empty') : t('timeline.emptyFilter')}>{filter === 'ALL' && <p>{t('timeline.emptyHint')}</p>}</Empty>
      )}
      <ol class="events" aria-label={t('timeline.title')} ref={list}>
        {events.map((event) => {
          const key = keyOf(event)
          const before = day
          day = locale.dayKey(event.at)
          return <EventRow key={key} event={event} member={member} newDay={day !== before} open={opened.has(key)} onToggle={() => toggle(key)} onChanged={onChanged} />
        })}
      </ol>
      {pages?.cursor && (
        <Button wide busy={loadingMore} onClick={() => void more()}>
          {t('more')}
        </Button>
      )}
      {pages && !pages.cursor && events.length > 0 && filter === 'ALL' && <p class="timeline-end quiet small">{t('timeline.end')}</p>}
    </section>
  )
}
