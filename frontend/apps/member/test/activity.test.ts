import { expect, test } from 'vitest'
import type { EntryFragment } from '../src/generated/graphql.ts'
import { byDay, join, weight } from '../src/screens/activity/kinds.ts'

const entry = (id: string, occurredAt: string, changes: Partial<EntryFragment> = {}): EntryFragment => ({
  id, occurredAt, kind: 'EARN', points: 10, balanceAfter: 10, title: id, explanation: { summary: '', parts: [] }, purchase: null, redemption: null, ...changes,
})

test('entries are gathered by day in the order given', () => {
  const days = byDay([entry('c', '2026-11-22T09:00Z'), entry('b', '2026-11-21T20:00Z'), entry('a', '2026-11-21T08:00Z')], (instant) => instant.slice(0, 10))
  expect(days.map(([day, entries]) => [day, entries.map(({ id }) => id)])).toEqual([
    ['2026-11-22', ['c']],
    ['2026-11-21', ['b', 'a']],
  ])
})

test('an entry that came by the live line is not listed again by the next page', () => {
  expect(join([entry('b', ''), entry('a', '')], [entry('a', ''), entry('z', '')]).map(({ id }) => id)).toEqual(['b', 'a', 'z'])
})

test('points on the way weigh what they promise', () => {
  const parts = [{ kind: 'RULE', text: '', points: 50, ruleId: null, ruleVersion: null }, { kind: 'MISS', text: '', points: null, ruleId: null, ruleVersion: null }] as const
  expect(weight(entry('a', '', { kind: 'EARN_PENDING', points: 0, explanation: { summary: '', parts: [...parts] } }))).toBe(50)
  expect(weight(entry('a', '', { points: -40 }))).toBe(-40)
})
