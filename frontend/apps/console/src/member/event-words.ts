import type { Locale } from '@stampbook/ui'
import type { EventRowFragment } from '../generated/graphql.ts'
import type { Cell } from '../logic/csv.ts'
import type { Key } from '../words/en.ts'

/** What kind of thing an event is, in a word: the entry's own for points. */
export function kindWord({ kind, activity, redemption }: EventRowFragment, { t }: Locale<Key>): string {
  if (kind === 'POINTS' && activity) return t(`entry.${activity.kind}`)
  if (kind === 'REDEMPTION' && redemption) return t(`redemption.${redemption.status}`)
  return t(`one.${kind}`)
}

interface Viewer {
  /** Identity of whoever looks at it. */
  ownId: string | undefined
  /** The member whose page it is on. */
  memberName: string
}

/** Who did something, in as many words as the reader needs. */
export function actorWords({ by }: EventRowFragment, { t }: Locale<Key>, { ownId, memberName }: Viewer): string {
  if (!by) return ''
  if (by.kind === 'STAFF' && by.id === ownId) return t('actor.you')
  if (by.kind === 'MEMBER') return by.name === memberName ? t('actor.member') : by.name
  if (by.kind === 'SYSTEM') return t('actor.system', { part: by.name })
  return by.store ? t('actor.tillAt', { till: by.name, store: by.store.name }) : by.name
}

/** Points are counted once: by the ledger's entries, not again by the sale or reward that they belong to. */
export const movedPoints = ({ activity, points }: EventRowFragment): number | null => (activity ? points : null)

/** Later than this an entry was late, not merely under way. */
const underWay = 5 * 60_000

/** When it was posted, where that is later than it happened. */
export function postedLater({ at, activity }: EventRowFragment, locale: Locale<Key>): string | undefined {
  if (!activity || Date.parse(activity.postedAt) - Date.parse(activity.occurredAt) <= underWay) return undefined
  return locale.dayKey(activity.postedAt) === locale.dayKey(at) ? locale.time(activity.postedAt) : locale.day(activity.postedAt)
}

/** The member whose entry it is: `ent_<member>:<number>`. */
export const accountOf = (entryId: string): string => entryId.slice('ent_'.length, entryId.lastIndexOf(':'))

/** Whether an entry is of a membership that was merged into this one: its balance is that one's. */
export const isElsewhere = ({ activity }: EventRowFragment, memberId: string): boolean => activity !== null && accountOf(activity.id) !== memberId

export const csvColumns = ['at', 'posted_at', 'kind', 'entry', 'title', 'detail', 'actor', 'points', 'balance_after', 'amount', 'currency', 'id'] as const

/** One line of the file that an agent takes along; times in UTC. */
export function csvRow(event: EventRowFragment): Cell[] {
  const { at, kind, activity, title, detail, by, purchase, id } = event
  return [at, activity?.postedAt, kind, activity?.kind, title, detail, by && [by.name, by.store?.name].filter(Boolean).join(', '), movedPoints(event), activity?.balanceAfter, purchase && Number(purchase.total.amount), purchase?.total.currencyCode, id]
}
