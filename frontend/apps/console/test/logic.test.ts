import { ApiError } from '@stampbook/gql'
import { expect, test } from 'vitest'
import { problemText, problemsOf } from '../src/logic/errors.ts'
import { withRecent } from '../src/logic/recent.ts'
import { wholePoints } from '../src/member/actions/points.ts'
import { actorWords, csvRow, isElsewhere, kindWord, movedPoints, postedLater } from '../src/member/event-words.ts'
import type { EventRowFragment } from '../src/generated/graphql.ts'
import { bars, everyDay, roundUp } from '../src/overview/chart.ts'
import { makeLocale } from '../src/session/context.ts'
import { minutesLeft } from '../src/tills/left.ts'

const locale = makeLocale('America/New_York')

const earned: EventRowFragment = {
  id: 'ent_mbr_1:0000000002', kind: 'POINTS', at: '2026-09-03T10:00:00.000Z', title: 'Harvest', detail: null, actor: 'till:til_1', points: 4,
  by: { kind: 'TILL', id: 'til_1', name: 'Till 7', store: { name: 'Harbor' } },
  activity: { id: 'ent_mbr_1:0000000002', kind: 'EARN', occurredAt: '2026-09-03T10:00:00.000Z', postedAt: '2026-11-22T11:02:32.000Z', balanceAfter: 199 },
  purchase: { id: 'pur_1', receiptNumber: 'R-1', total: { amount: '12.37', currencyCode: 'USD' }, store: { name: 'Harbor' } },
  return: null, redemption: null,
}
const sale: EventRowFragment = { ...earned, id: 'pur_1', kind: 'PURCHASE', activity: null }

test('a refusal stands beside its field, and above the button when the form has no such field', () => {
  const errors = [{ field: ['input', 'points'], message: 'Too many.' }, { field: ['memberId'], message: 'Gone.' }, { field: null, message: 'Later.' }]
  expect(problemsOf(errors, ['points', 'note'])).toEqual({ points: 'Too many.', '': 'Gone. Later.' })
})

test('a request without an answer says when to try again', () => {
  expect(problemText(new ApiError('rateLimited', '', { retryAfter: 120 }), locale)).toContain('2 minutes')
  expect(problemText(new ApiError('broken', '', { correlationId: 'c-7' }), locale)).toContain('c-7')
})

test('the latest is first, each once, eight at most', () => {
  const list = Array.from({ length: 8 }, (_, at) => ({ id: `mbr_${at}`, name: `${at}` }))
  const seen = withRecent(list, { id: 'mbr_5', name: 'new name' })
  expect(seen).toHaveLength(8)
  expect(seen[0]).toEqual({ id: 'mbr_5', name: 'new name' })
  expect(withRecent(list, { id: 'mbr_9', name: '9' })).toHaveLength(8)
})

test('whoever did it is named, the reader as "You"', () => {
  const viewer = { ownId: 'idn_1', memberName: 'Ada' }
  const words = (by: EventRowFragment['by']) => actorWords({ ...earned, by }, locale, viewer)
  expect(words(earned.by)).toBe('Till 7, Harbor')
  expect(words({ kind: 'STAFF', id: 'idn_1', name: 'Sam', store: null })).toBe('You')
  expect(words({ kind: 'STAFF', id: 'idn_2', name: 'Sam', store: null })).toBe('Sam')
  expect(words({ kind: 'MEMBER', id: 'mbr_1', name: 'Ada', store: null })).toBe('Member')
  expect(words({ kind: 'MEMBER', id: 'mbr_2', name: 'Bo', store: null })).toBe('Bo')
  expect(words({ kind: 'SYSTEM', id: null, name: 'expiry', store: null })).toBe('System: expiry')
  expect(words(null)).toBe('')
})

test('points are counted by the ledger, not again by the sale', () => {
  expect(movedPoints(earned)).toBe(4)
  expect(movedPoints(sale)).toBeNull()
})

test('an entry posted later than it happened says when', () => {
  const activity = (postedAt: string) => ({ ...earned, activity: { ...(earned.activity as NonNullable<typeof earned.activity>), postedAt } })
  expect(postedLater(earned, locale)).toContain('November 22')
  expect(postedLater(activity('2026-09-03T10:00:04.000Z'), locale)).toBeUndefined()
  expect(postedLater(activity('2026-09-03T12:30:00.000Z'), locale)).toContain('8:30')
  expect(postedLater(sale, locale)).toBeUndefined()
})

test('the file has the entry, its balance and the money of the sale', () => {
  expect(kindWord(earned, locale)).toBe('Earned')
  expect(csvRow(earned)).toEqual(['2026-09-03T10:00:00.000Z', '2026-11-22T11:02:32.000Z', 'POINTS', 'EARN', 'Harvest', null, 'Till 7, Harbor', 4, 199, 12.37, 'USD', 'ent_mbr_1:0000000002'])
})

test.each([['50', 50], [' 7 ', 7], ['0', undefined], ['-5', undefined], ['1.5', undefined], ['1e3', undefined], ['', undefined]])('%j points', (text, points) =>
  expect(wholePoints(text)).toBe(points),
)

test('an axis ends at a round number above everything', () => {
  expect([0, 7, 12, 430, 1000, 6460].map(roundUp)).toEqual([1, 8, 15, 500, 1000, 8000])
})

test('bars are as tall as their share and never overlap their neighbour', () => {
  const earnedBars = bars([5, 10], 10, 100, 50, 0)
  const redeemedBars = bars([1, 2], 10, 100, 50, 1)
  expect(earnedBars.map(({ height }) => height)).toEqual([25, 50])
  expect(redeemedBars[0]?.x).toBeGreaterThanOrEqual((earnedBars[0]?.x ?? 0) + (earnedBars[0]?.width ?? 0))
})

test('a pairing code counts down, and is over at its end', () => {
  const until = '2026-11-22T12:00:00.000Z'
  expect(minutesLeft(until, Date.parse(until) - 581_000)).toBe('9:41')
  expect(minutesLeft(until, Date.parse(until))).toBeUndefined()
})

test('an entry of a merged membership is told apart', () => {
  expect(isElsewhere(earned, 'mbr_1')).toBe(false)
  expect(isElsewhere(earned, 'mbr_2')).toBe(true)
  expect(isElsewhere(sale, 'mbr_2')).toBe(false)
})

test('days on which nothing happened stand in the chart as zero, up to today and across the end of a month', () => {
  const quiet = (day: string) => ({ day, earned: 0 })
  expect(everyDay([{ day: '2026-10-31', earned: 5 }, { day: '2026-11-02', earned: 7 }], '2026-11-03', 5, quiet)).toEqual([
    { day: '2026-10-30', earned: 0 },
    { day: '2026-10-31', earned: 5 },
    { day: '2026-11-01', earned: 0 },
    { day: '2026-11-02', earned: 7 },
    { day: '2026-11-03', earned: 0 },
  ])
})
