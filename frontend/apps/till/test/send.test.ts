import { createClient } from '@stampbook/gql'
import { describe, expect, test } from 'vitest'
import type { QueuedReturn, QueuedSale } from '../src/queue/post.ts'
import { sendPost } from '../src/queue/send.ts'
import { purchase } from './fixtures.ts'

const post: QueuedSale = {
  kind: 'sale',
  id: 'key-1',
  state: 'waiting',
  problem: null,
  madeAtMs: 1,
  attempts: 0,
  total: 1240,
  byPoints: null,
  currency: 'USD',
  scan: { code: 'LY', scannedAt: '2026-11-22T10:00:00Z', basketId: 'bsk_1' },
  input: {
    idempotencyKey: 'key-1',
    identification: 'idf_1',
    receiptNumber: '261122-001',
    businessDate: '2026-11-22',
    occurredAt: '2026-11-22T10:00:00Z',
    lines: [],
  },
}

/** A service that gives one HTTP answer, or none. */
const service = (answer: (() => Response) | Error) =>
  createClient({
    url: 'https://till.example/graphql',
    fetch: async () => {
      if (answer instanceof Error) throw answer
      return answer()
    },
  })

const payload = (purchaseRecord: object) => () => Response.json({ data: { purchaseRecord } })
const refusedWith = (code: string) =>
  payload({ purchase: null, receipt: null, duplicate: false, userErrors: [{ field: null, message: 'No.', code }] })

describe('what becomes of a sale', () => {
  test('posted', async () => {
    const answer = payload({ purchase, receipt: null, duplicate: true, userErrors: [] })
    expect(await sendPost(service(answer), post)).toEqual({ kind: 'posted', purchase, receipt: null, duplicate: true })
  })

  test.each(['RECEIPT_CONFLICT', 'CODE_REFUSED', 'INVALID', 'TOO_OLD'])('%s is a conflict', async (code) => {
    expect(await sendPost(service(refusedWith(code)), post)).toEqual({
      kind: 'conflict',
      problem: { code, message: 'No.', line: null },
    })
  })

  test('a line that is refused is named by its place', async () => {
    const userErrors = [{ field: ['input', 'lines', '2', 'barcode'], message: 'No.', code: 'PRODUCT_UNKNOWN' }]
    const answer = payload({ purchase: null, receipt: null, duplicate: false, userErrors })
    expect(await sendPost(service(answer), post)).toMatchObject({ kind: 'conflict', problem: { line: 2 } })
  })

  test('BUSY is tried again, and is not the line', async () => {
    expect(await sendPost(service(refusedWith('BUSY')), post)).toEqual({ kind: 'later', lineIsDown: false })
  })

  test('an identification that has ended is replaced by the scan itself', async () => {
    const result = await sendPost(service(refusedWith('IDENTIFICATION_UNKNOWN')), post)
    expect(result).toMatchObject({
      kind: 'instead',
      post: { id: 'key-1', input: { identification: null, deferredScan: post.scan } },
    })
  })

  test('without a scan to fall back on it is a conflict', async () => {
    const result = await sendPost(service(refusedWith('IDENTIFICATION_UNKNOWN')), { ...post, scan: null })
    expect(result).toMatchObject({ kind: 'conflict' })
  })

  test.each([
    ['silence', new TypeError('Failed to fetch'), { kind: 'later', lineIsDown: true }],
    ['a timeout', new DOMException('', 'TimeoutError'), { kind: 'later', lineIsDown: true }],
    ['an ended token', () => new Response('', { status: 401 }), { kind: 'later', lineIsDown: true }],
    ['too many', () => new Response('', { status: 429 }), { kind: 'later', lineIsDown: true }],
    ['a broken service', () => new Response('', { status: 503 }), { kind: 'later', lineIsDown: false }],
    [
      'a refusal of the request itself',
      () => new Response('', { status: 400 }),
      { kind: 'conflict', problem: { code: 'REFUSED', message: 'HTTP 400', line: null } },
    ],
  ])('%s', async (_, answer, result) => {
    expect(await sendPost(service(answer), post)).toEqual(result)
  })
})

test('a return is posted with the purchase as it is now', async () => {
  const input = {
    idempotencyKey: 'key-2',
    purchaseId: 'pur_1',
    receiptNumber: '261122-002',
    occurredAt: '2026-11-22T10:00:00Z',
    lines: [],
  }
  const back: QueuedReturn = {
    kind: 'return',
    id: 'key-2',
    state: 'waiting',
    problem: null,
    madeAtMs: 1,
    attempts: 0,
    total: 0,
    currency: 'USD',
    input,
  }
  const answer = () =>
    Response.json({ data: { purchaseReturn: { return: { id: 'ret_1' }, purchase, receipt: null, userErrors: [] } } })
  expect(await sendPost(service(answer), back)).toMatchObject({ kind: 'posted', purchase: { id: 'pur_1' } })
})
