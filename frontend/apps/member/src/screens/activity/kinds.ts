import type { EntryFragment, EntryKind } from '../../generated/graphql.ts'

export type Filter = 'all' | 'earned' | 'used' | 'returned' | 'expired'

export const kindsOf: Record<Filter, EntryKind[] | null> = {
  all: null,
  earned: ['EARN', 'NOTE', 'EARN_PENDING', 'ACTIVATE', 'ADJUST', 'TRANSFER_IN', 'MERGE_IN', 'MIGRATE', 'REINSTATE'],
  used: ['HOLD', 'CAPTURE', 'RELEASE', 'REDEEM', 'TRANSFER_OUT', 'MERGE_OUT'],
  returned: ['REVERSE', 'CANCEL_PENDING', 'VOID'],
  expired: ['EXPIRE', 'EXTEND'],
}

/** The points that an entry is about: what it changed, or what it promised while still on the way. */
export function weight({ kind, points, explanation }: EntryFragment): number {
  if (points !== 0 || kind !== 'EARN_PENDING') return points
  return explanation.parts.reduce((sum, part) => sum + (part.points ?? 0), 0)
}

/** Days in the order given, each with its entries in theirs. @param dayOf the calendar day that an instant belongs to */
export function byDay(entries: readonly EntryFragment[], dayOf: (instant: string) => string): [day: string, entries: EntryFragment[]][] {
  const days: [string, EntryFragment[]][] = []
  for (const entry of entries) {
    const day = dayOf(entry.occurredAt)
    const last = days.at(-1)
    if (last?.[0] === day) last[1].push(entry)
    else days.push([day, [entry]])
  }
  return days
}

/** A page put behind what is there, or news before it; an entry is never shown twice. */
export function join(first: readonly EntryFragment[], second: readonly EntryFragment[]): EntryFragment[] {
  const seen = new Set(first.map(({ id }) => id))
  return [...first, ...second.filter(({ id }) => !seen.has(id))]
}
