import { expect, test } from 'vitest'
import { ApiError, type Document, ServerClock, createClient } from '../src/index.ts'

type Answer = { serverTime: string }
const document: Document<Answer, Record<string, never>> = { id: 'sha256:00' }

function answering(body: unknown, init: ResponseInit = {}) {
  const requests: { url: unknown; init: RequestInit }[] = []
  const send = (async (url: unknown, request: RequestInit) => {
    requests.push({ url, init: request })
    return new Response(JSON.stringify(body), init)
  }) as typeof fetch
  return { send, requests }
}

test('sends the id and variables with the cookie of this origin', async () => {
  const { send, requests } = answering({ data: { serverTime: '2026-11-22T10:00:00.000Z' } })
  const data = await createClient({ fetch: send }).request(document)
  expect(data.serverTime).toBe('2026-11-22T10:00:00.000Z')
  expect(requests[0]?.url).toBe('/graphql')
  expect(requests[0]?.init.credentials).toBe('same-origin')
  expect(JSON.parse(requests[0]?.init.body as string)).toEqual({ documentId: 'sha256:00', variables: {} })
})

test('a bearer replaces the cookie', async () => {
  const { send, requests } = answering({ data: {} })
  await createClient({ fetch: send, authorization: async () => 'Bearer abc' }).request(document)
  expect(requests[0]?.init.credentials).toBe('omit')
  expect(requests[0]?.init.headers).toMatchObject({ Authorization: 'Bearer abc' })
})

test('learns the time of the service', async () => {
  const clock = new ServerClock()
  const { send } = answering({ data: { serverTime: new Date(Date.now() + 90_000).toISOString() } })
  await createClient({ fetch: send, onServerTime: (...exchange) => clock.learn(...exchange) }).request(document)
  expect(Math.abs(clock.now() - Date.now() - 90_000)).toBeLessThan(200)
})

test.each([
  [401, {}, 'signedOut'],
  [403, {}, 'forbidden'],
  [429, {}, 'rateLimited'],
  [400, { errors: [{ message: 'no such field' }] }, 'refused'],
  [200, { data: null, errors: [{ message: 'oops', extensions: { code: 'INTERNAL', correlationId: 'c1' } }] }, 'broken'],
  [200, { data: null, errors: [{ message: 'away', extensions: { code: 'UNAVAILABLE' } }] }, 'broken'],
  [200, { data: { viewer: null }, errors: [{ message: 'sign in', extensions: { code: 'UNAUTHENTICATED' } }] }, 'signedOut'],
  [503, 'not json', 'broken'],
])('%i %j is %s', async (status, body, kind) => {
  const { send } = answering(body, { status, headers: { 'Retry-After': '7' } })
  const failure = await createClient({ fetch: send }).request(document).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ApiError)
  expect(failure).toMatchObject({ kind, retryAfter: 7 })
})

test('no line is offline', async () => {
  const send = (() => Promise.reject(new TypeError('Failed to fetch'))) as typeof fetch
  await expect(createClient({ fetch: send }).request(document)).rejects.toMatchObject({ kind: 'offline' })
})
