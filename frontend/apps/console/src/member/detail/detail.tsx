import type { ComponentChildren } from 'preact'
import { type EventRowFragment, type MemberFactsFragment, EntryDetailDocument, type EntryDetailQuery, RedemptionDetailDocument, type RedemptionDetailQuery, ReturnDetailDocument, type ReturnDetailQuery, SaleDetailDocument, type SaleFactsFragment } from '../../generated/graphql.ts'
import { useDesk, useLocale } from '../../session/context.ts'
import { useAsked } from '../../session/use-asked.ts'
import { Failed } from '../../shell/states.tsx'
import { actorWords } from '../event-words.ts'
import { EntryFacts } from './entry.tsx'
import { RedemptionFacts } from './redemption.tsx'
import { ReturnFacts } from './return.tsx'
import { Sale } from './sale.tsx'
import './detail.css'

interface DetailProps {
  event: EventRowFragment
  member: MemberFactsFragment
  onChanged: (member?: MemberFactsFragment) => void
}

export type Entry = Extract<NonNullable<EntryDetailQuery['node']>, { hash: string }>
export type ReturnFact = Extract<NonNullable<ReturnDetailQuery['node']>, { reversed: number }>
export type RedemptionFact = Extract<NonNullable<RedemptionDetailQuery['node']>, { code: string }>

/** The full truth of one event. */
export function Detail({ event, member, onChanged }: DetailProps) {
  return (
    <>
      {event.activity && <Fetched<Entry> id={event.activity.id} has="hash" document={EntryDetailDocument} show={(entry) => <EntryFacts entry={entry} event={event} member={member} onChanged={onChanged} />} />}
      {event.return && <Fetched<ReturnFact> id={event.return.id} has="reversed" document={ReturnDetailDocument} show={(returned) => <ReturnFacts returned={returned} />} />}
      {event.redemption && !event.activity && <Fetched<RedemptionFact> id={event.redemption.id} has="code" document={RedemptionDetailDocument} show={(redemption) => <RedemptionFacts redemption={redemption} />} />}
      {event.purchase && !event.activity && !event.return && <Fetched<SaleFactsFragment> id={event.purchase.id} has="lines" document={SaleDetailDocument} show={(sale) => <Sale sale={sale} />} />}
      {!event.activity && !event.return && !event.redemption && !event.purchase && <Plain event={event} member={member} />}
    </>
  )
}

interface FetchedProps<T> {
  id: string
  /** A field that only the wanted type has. */
  has: keyof T & string
  document: typeof EntryDetailDocument | typeof ReturnDetailDocument | typeof RedemptionDetailDocument | typeof SaleDetailDocument
  show: (value: T) => ComponentChildren
}

/** One object by its id, from memory at once where it was seen before. */
function Fetched<T>({ id, has, document, show }: FetchedProps<T>) {
  const { t } = useLocale()
  const desk = useDesk()
  const { value, error, reload } = useAsked<T | null>(`detail ${id}`, async (signal) => {
    const { node } = await desk.ask<{ node: unknown }, { id: string }>(document, { id }, signal)
    return typeof node === 'object' && node !== null && has in node ? (node as T) : null
  })
  if (value) return <>{show(value)}</>
  if (value === null) return <p class="quiet small">{t('detail.gone')}</p>
  if (error !== undefined) return <Failed error={error} reload={reload} />
  return (
    <div role="status">
      <span class="visually-hidden">{t('loading')}</span>
      <div class="skeleton skeleton-block" />
    </div>
  )
}

/** Sign-ins, mail and profile have no more to them than their row says; here it is in full. */
function Plain({ event, member }: { event: EventRowFragment; member: MemberFactsFragment }) {
  const locale = useLocale()
  const { t } = locale
  return (
    <Pairs
      pairs={[
        [t('detail.text'), event.title],
        [t(event.kind === 'SECURITY' ? 'detail.device' : 'detail.kind'), event.detail],
        [t('detail.who'), <Who event={event} member={member} />],
        [t('detail.happened'), locale.dateTime(event.at)],
        [t('detail.operation'), <code>{event.id}</code>],
      ]}
    />
  )
}

/** Who did it by name, and by the id that the ledger keeps. */
export function Who({ event, member }: { event: EventRowFragment; member: MemberFactsFragment }) {
  const locale = useLocale()
  const { state } = useDesk()
  if (!event.actor) return null
  const name = actorWords(event, locale, { ownId: state.session?.identityId ?? undefined, memberName: member.displayName })
  return (
    <>
      <bdi>{name}</bdi> <code class="quiet">{event.actor}</code>
    </>
  )
}

/** Names with their values; those without a value are left out. */
export function Pairs({ pairs }: { pairs: readonly (readonly [label: string, value: ComponentChildren])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(
        ([label, value]) =>
          value !== null && value !== undefined && value !== '' && value !== false && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
