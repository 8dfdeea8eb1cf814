import { beforeEach, expect, test, vi } from 'vitest'
import { type Document, createLive } from '../src/index.ts'

type Change = { memberChanged: { points: number } }
const document: Document<Change, Record<string, never>> = { id: 'sha256:11' }

/** The service's side of one socket. */
class FakeSocket {
  static all: FakeSocket[] = []
  readyState = 1
  sent: { type: string; id?: string; payload?: object }[] = []
  onopen?: () => void
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number }) => void
  constructor(readonly url: string, readonly protocol: string) {
    FakeSocket.all.push(this)
    queueMicrotask(() => this.onopen?.())
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close(code = 1000) {
    this.readyState = 3
    this.onclose?.({ code })
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}
const Socket = FakeSocket as unknown as typeof WebSocket
const newest = () => FakeSocket.all.at(-1) as FakeSocket

beforeEach(() => {
  FakeSocket.all = []
  vi.stubGlobal('location', { href: 'http://localhost:8000/activity' })
})

test('subscribes by document id once acknowledged, and completes', async () => {
  const seen: number[] = []
  const live = createLive({ WebSocket: Socket, authorization: () => 'Bearer t' })
  const stop = live.subscribe(document, {}, ({ memberChanged }) => seen.push(memberChanged.points))
  await vi.waitFor(() => expect(newest().sent).toHaveLength(1))
  expect(newest().url).toBe('ws://localhost:8000/graphql')
  expect(newest().sent[0]).toEqual({ type: 'connection_init', payload: { authorization: 'Bearer t' } })
  newest().say({ type: 'connection_ack' })
  expect(newest().sent[1]).toEqual({ id: '1', type: 'subscribe', payload: { documentId: 'sha256:11', variables: {} } })
  newest().say({ id: '1', type: 'next', payload: { data: { memberChanged: { points: 5 } } } })
  newest().say({ type: 'ping' })
  expect(newest().sent[2]).toEqual({ type: 'pong' })
  expect(seen).toEqual([5])
  stop()
  expect(newest().readyState).toBe(3)
})

test('a lost line is made again with its subscriptions; a refusal is not', async () => {
  const states: string[] = []
  const live = createLive({ WebSocket: Socket, backoff: () => 0, onState: (state) => states.push(state) })
  live.subscribe(document, {}, () => {})
  await vi.waitFor(() => expect(newest().sent).toHaveLength(1))
  newest().say({ type: 'connection_ack' })
  newest().close(1006)
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(2))
  await vi.waitFor(() => expect(newest().sent).toHaveLength(1))
  newest().say({ type: 'connection_ack' })
  expect(newest().sent[1]?.type).toBe('subscribe')
  newest().close(4401)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(FakeSocket.all).toHaveLength(2)
  expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open', 'refused'])
})
