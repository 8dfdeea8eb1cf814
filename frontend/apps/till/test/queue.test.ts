import { beforeEach, describe, expect, test } from 'vitest'
import {
  remedyFor,
  withoutItem,
  withoutMember,
  withoutPoints,
  withReceiptNumber,
  type PostResult,
  type QueuedPost,
  type QueuedSale,
} from '../src/queue/post.ts'
import { PostQueue, type Exclusive } from '../src/queue/queue.ts'
import { Database } from '../src/storage/database.ts'
import { emptyDatabase } from './database.ts'
import { purchase } from './fixtures.ts'

const together: Exclusive = { waiting: (_, work) => work(), unlessBusy: (_, work) => work() }
const POSTED: PostResult = { kind: 'posted', purchase, receipt: null, duplicate: false }
const DOWN: PostResult = { kind: 'later', lineIsDown: true }

let made = 0

function sale(changes: Partial<QueuedSale> = {}): QueuedSale {
  made += 1
  const id = `sale-${made}`
  return {
    kind: 'sale',
    id,
    state: 'waiting',
    problem: null,
    madeAtMs: made,
    attempts: 0,
    total: 250,
    byPoints: null,
    currency: 'USD',
    scan: null,
    input: {
      idempotencyKey: id,
      receiptNumber: `261122-${made}`,
      businessDate: '2026-11-22',
      occurredAt: '2026-11-22T10:00:00Z',
      lines: [],
    },
    ...changes,
  }
}

/** A queue whose line answers as scripted, and what was sent over it. */
function queueWith(answer: (post: QueuedPost) => PostResult) {
  const sent: QueuedPost[] = []
  const queue = new PostQueue(
    new Database(),
    async (post) => {
      sent.push(post)
      return answer(post)
    },
    together,
  )
  return { queue, sent }
}

beforeEach(() => void emptyDatabase())

describe('while the line is down', () => {
  test('everything is kept, and nothing behind the first is tried', async () => {
    const { queue, sent } = queueWith(() => DOWN)
    const [first, second] = [sale(), sale()]
    await queue.add(second)
    await queue.add(first)
    await queue.drain()
    expect(sent.map(({ id }) => id)).toEqual([first.id])
    expect((await queue.all()).map(({ id, attempts }) => [id, attempts])).toEqual([
      [first.id, 1],
      [second.id, 0],
    ])
  })

  test('another start of the page finds it and posts each once', async () => {
    const posts = [sale(), sale(), sale()]
    const before = queueWith(() => DOWN)
    for (const post of posts) await before.queue.add(post)
    const after = queueWith(() => POSTED)
    await after.queue.drain()
    await after.queue.drain()
    expect(after.sent.map(({ id }) => id)).toEqual(posts.map(({ id }) => id))
    expect(await after.queue.all()).toEqual([])
  })
})

describe('a conflict', () => {
  const refused: PostResult = {
    kind: 'conflict',
    problem: { code: 'CODE_REFUSED', message: 'This code was used already.', line: null },
  }

  test('stays in the list with its reason and holds up nothing', async () => {
    const [bad, good] = [sale(), sale()]
    const { queue, sent } = queueWith(({ id }) => (id === bad.id ? refused : POSTED))
    await queue.add(bad)
    await queue.add(good)
    await queue.drain()
    await queue.drain()
    expect(sent).toHaveLength(2)
    expect(await queue.all()).toMatchObject([{ id: bad.id, state: 'conflict', problem: { code: 'CODE_REFUSED' } }])
  })

  test('can be posted to nobody under the same key', async () => {
    const bad = sale({ scan: { code: 'LY', scannedAt: '2026-11-22T10:00:00Z', basketId: 'b' } })
    const { queue, sent } = queueWith((post) => (post.kind === 'sale' && post.scan ? refused : POSTED))
    await queue.add(bad)
    await queue.drain()
    const [kept] = await queue.all()
    expect(remedyFor(kept!)).toBe('withoutMember')
    expect(await queue.retry(withoutMember(kept as QueuedSale))).toMatchObject({ kind: 'posted' })
    expect(sent.at(-1)).toMatchObject({
      id: bad.id,
      input: { idempotencyKey: bad.id, identification: null, deferredScan: null },
    })
    expect(await queue.all()).toEqual([])
  })

  test('that is set aside is neither sent nor dropped', async () => {
    const { queue, sent } = queueWith(() => refused)
    await queue.add(sale())
    await queue.drain()
    await queue.setAside((await queue.all())[0]!)
    await queue.drain()
    expect(sent).toHaveLength(1)
    expect(await queue.all()).toMatchObject([{ state: 'setAside' }])
  })

  test('about points is helped by money, and nobody pays with points', () => {
    const byPoints = { points: 300, amount: 300 }
    const input = { ...sale().input, identification: 'idf_1', payWithPoints: 300 }
    const post = sale({ byPoints, input, problem: { code: 'NOT_ENOUGH_POINTS', message: '', line: null } })
    expect(remedyFor(post)).toBe('withoutPoints')
    expect(withoutPoints(post)).toMatchObject({ byPoints: null, input: { identification: 'idf_1', payWithPoints: null } })
    expect(withoutMember(post)).toMatchObject({ byPoints: null, input: { identification: null, payWithPoints: null } })
  })

  test('about a receipt number is helped by another number', () => {
    const post = sale({ problem: { code: 'RECEIPT_CONFLICT', message: '', line: null } })
    expect(remedyFor(post)).toBe('newReceiptNumber')
    expect(withReceiptNumber(post, '261122-900').input.receiptNumber).toBe('261122-900')
  })
})

test('an item that the service does not know can be left out, unless it is all there is', () => {
  const line = (name: string, amount: string) => ({ name, quantity: 1, amount: { amount, currencyCode: 'USD' } })
  const problem = { code: 'PRODUCT_UNKNOWN', message: '', line: 1 } as const
  const input = { ...sale().input, lines: [line('Milk', '1.50'), line('Item 96385074', '1.00')] }
  const post = sale({ input, problem })
  expect(remedyFor(post)).toBe('withoutItem')
  expect(withoutItem(post)).toMatchObject({ total: 150, input: { lines: [{ name: 'Milk' }] } })
  expect(remedyFor(sale({ input: { ...input, lines: input.lines.slice(1) }, problem: { ...problem, line: 0 } }))).toBeNull()
})

test('a changed body is kept before it is sent', async () => {
  const original = sale()
  const changed: QueuedSale = { ...original, input: { ...original.input, identification: null } }
  let answers: PostResult[] = [{ kind: 'instead', post: changed }, DOWN]
  const { queue } = queueWith(() => answers.shift() ?? POSTED)
  await queue.add(original)
  await queue.post(original)
  expect(await queue.all()).toMatchObject([{ id: original.id, input: { identification: null }, attempts: 1 }])
})

test('a post that is under way is not sent twice', async () => {
  const { queue, sent } = queueWith(() => POSTED)
  const post = sale()
  await queue.add(post)
  await Promise.all([queue.post(post), queue.post(post), queue.drain()])
  expect(sent).toHaveLength(1)
})

test('what is busy is tried again later, and the rest goes on', async () => {
  const [busy, good] = [sale(), sale()]
  const { queue } = queueWith(({ id }) => (id === busy.id ? { kind: 'later', lineIsDown: false } : POSTED))
  await queue.add(busy)
  await queue.add(good)
  await queue.drain()
  expect(await queue.all()).toMatchObject([{ id: busy.id, state: 'waiting' }])
})

describe('two tabs of one till', () => {
  /** Locks that both tabs share, as the browser's are. */
  function sharedLocks(): Exclusive {
    const held = new Map<string, Promise<unknown>>()
    const waiting = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      while (held.has(name)) await held.get(name)
      const under = work().finally(() => held.delete(name))
      held.set(name, under)
      return under
    }
    return { waiting, unlessBusy: async (name, work) => void (held.has(name) || (await waiting(name, work))) }
  }

  test('send everything once between them', async () => {
    const sent: string[] = []
    const locks = sharedLocks()
    const tab = () =>
      new PostQueue(
        new Database(),
        async ({ id }) => {
          await new Promise((go) => setTimeout(go, 2))
          sent.push(id)
          return POSTED
        },
        locks,
      )
    const [one, other] = [tab(), tab()]
    const posts = [sale(), sale(), sale()]
    for (const post of posts) await one.add(post)
    await Promise.all([one.drain(), other.drain(), other.drain()])
    expect(sent).toEqual(posts.map(({ id }) => id))
    expect(await other.all()).toEqual([])
  })

  test('what one has posted and the other gave up on does not come back', async () => {
    const post = sale()
    const other = queueWith(() => POSTED)
    const one = new PostQueue(
      new Database(),
      async (under) => {
        await other.queue.post(under)
        return DOWN
      },
      together,
    )
    await one.add(post)
    expect(await one.post(post)).toEqual(DOWN)
    expect(await one.all()).toEqual([])
  })

  test('the one that rang it up gets its receipt although the other has posted it', async () => {
    const { queue, sent } = queueWith(() => POSTED)
    const post = sale()
    expect(await queue.post(post)).toMatchObject({ kind: 'posted' })
    expect(sent).toHaveLength(1)
    expect(await queue.all()).toEqual([])
  })
})

test('listeners hear of every change until they stop', async () => {
  const { queue } = queueWith(() => POSTED)
  let heard = 0
  const stop = queue.onChange(() => (heard += 1))
  const post = sale()
  await queue.add(post)
  await queue.post(post)
  expect(heard).toBe(2)
  stop()
  await queue.add(sale())
  expect(heard).toBe(2)
})
