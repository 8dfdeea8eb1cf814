import type { Locale } from '@stampbook/ui'
import type { EventRowFragment } from '../generated/graphql.ts'
import { actorOf } from '../logic/actor.ts'
import type { Cell } from '../logic/csv.ts'
import type { Key } from '../words/en.ts'

/** What kind of thing an event is, in a word: the entry's own for points. */
export function kindWord({ kind, activity, redemption }: EventRowFragment, { t }: Locale<Key>): string {
  if (kind === 'POINTS' && activity) return t(`entry.${activity.kind}`)
  if (kind === 'REDEMPTION' && redemption) return t(`redemption.${redemption.status}`)
  return t(`one.${kind}`)
}

export function actorWords(text: string, { t }: Locale<Key>, ownId: string | undefined): string {
  const { kind, ending, mine } = actorOf(text, ownId)
  return mine ? t('actor.you') : t(`actor.${kind}`, { ending })
}

/** Points are counted once: by the ledger's entries, not again by the sale or reward that they belong to. */
export const movedPoints = ({ activity, points }: EventRowFragment): number | null => (activity ? points : null)

/** When it happened, where that is another day than the one it was posted on. */
export function earlierDay({ at, activity }: EventRowFragment, locale: Locale<Key>): string | undefined {
  if (!activity || locale.dayKey(activity.occurredAt) === locale.dayKey(at)) return undefined
  return locale.day(activity.occurredAt)
}

/** The member whose entry it is: `ent_<member>:<number>`. */
export const accountOf = (entryId: string): string => entryId.slice('ent_'.length, entryId.lastIndexOf(':'))

/** Whether an entry is of a membership that was merged into this one: its balance is that one's. */
export const isElsewhere = ({ activity }: EventRowFragment, memberId: string): boolean => activity !== null && accountOf(activity.id) !== memberId

export const csvColumns = ['at', 'kind', 'entry', 'title', 'detail', 'actor', 'points', 'balance_after', 'amount', 'currency', 'id'] as const

/** One line of the file that an agent takes along; times in UTC. */
export function csvRow(event: EventRowFragment): Cell[] {
  const { at, kind, activity, title, detail, actor, purchase, id } = event
  return [at, kind, activity?.kind, title, detail, actor, movedPoints(event), activity?.balanceAfter, purchase && Number(purchase.total.amount), purchase?.total.currencyCode, id]
}
