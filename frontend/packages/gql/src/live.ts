import type { Document, Variables } from './document.ts'

/** `waiting`: the line is lost and will be tried again; `refused`: the service does not want this caller (any more). */
export type LiveState = 'connecting' | 'open' | 'waiting' | 'refused' | 'closed'

export interface LiveOptions {
  url?: string
  /** Sent in `connection_init`, for callers without a cookie. */
  authorization?: () => string | undefined | Promise<string | undefined>
  onState?: (state: LiveState) => void
  WebSocket?: typeof WebSocket
  /** Milliseconds before try number n (from 0); tests make it 0. */
  backoff?: (attempt: number) => number
}

export interface Live {
  /** Listens until the returned function is called; after a lost line the subscription is made again. */
  subscribe<Data, Vars extends Variables>(document: Document<Data, Vars>, variables: Vars, next: (data: Data) => void): () => void
  /** Drops the line and connects again at once (after sign-in, or when the page comes back to the front). */
  reconnect(): void
  close(): void
}

interface Subscription {
  payload: { documentId: string; variables: Variables }
  next: (data: never) => void
}

/** Closed by the service because it refuses us: trying again without signing in is pointless. */
const refused = new Set([4400, 4401, 4403])

/** Half a second, doubling to half a minute, with up to half of it at random so that a restart is not a stampede. */
const patient = (attempt: number) => Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)

/** Subscriptions over the graphql-transport-ws protocol, one socket for all, open only while somebody listens. */
export function createLive({ url = '/graphql', authorization, onState, WebSocket: Socket = WebSocket, backoff = patient }: LiveOptions = {}): Live {
  const subscriptions = new Map<string, Subscription>()
  let socket: WebSocket | undefined
  let acknowledged = false
  let attempt = 0
  let counter = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function connect() {
    clearTimeout(timer)
    onState?.('connecting')
    acknowledged = false
    const current = new Socket(new URL(url, location.href).href.replace(/^http/, 'ws'), 'graphql-transport-ws')
    socket = current
    const send = (message: object) => current.send(JSON.stringify(message))
    current.onopen = async () => {
      const header = await authorization?.()
      if (current.readyState === 1) send({ type: 'connection_init', payload: header ? { authorization: header } : {} })
    }
    current.onmessage = ({ data }) => {
      const message = JSON.parse(data as string)
      if (message.type === 'connection_ack') {
        acknowledged = true
        attempt = 0
        onState?.('open')
        for (const [id, { payload }] of subscriptions) send({ id, type: 'subscribe', payload })
      } else if (message.type === 'ping') send({ type: 'pong' })
      else if (message.type === 'next' && message.payload.data) subscriptions.get(message.id)?.next(message.payload.data as never)
      else if (message.type === 'error' || message.type === 'complete') subscriptions.delete(message.id)
    }
    current.onclose = ({ code }) => {
      if (socket !== current) return
      socket = undefined
      if (refused.has(code)) return onState?.('refused')
      if (subscriptions.size === 0) return onState?.('closed')
      onState?.('waiting')
      timer = setTimeout(connect, backoff(attempt++))
    }
  }

  function drop() {
    clearTimeout(timer)
    const last = socket
    socket = undefined
    last?.close(1000)
  }

  return {
    subscribe(document, variables, next) {
      const id = String(++counter)
      const payload = { documentId: document.id, variables }
      subscriptions.set(id, { payload, next })
      if (!socket) connect()
      else if (acknowledged) socket.send(JSON.stringify({ id, type: 'subscribe', payload }))
      return () => {
        if (!subscriptions.delete(id)) return
        if (subscriptions.size === 0) {
          drop()
          onState?.('closed')
        } else if (acknowledged && socket?.readyState === 1) socket.send(JSON.stringify({ id, type: 'complete' }))
      }
    },
    reconnect() {
      drop()
      attempt = 0
      if (subscriptions.size > 0) connect()
    },
    close() {
      subscriptions.clear()
      drop()
    },
  }
}
