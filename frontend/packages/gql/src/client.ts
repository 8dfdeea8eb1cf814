import type { Document, Variables } from './document.ts'
import { ApiError, toApiError } from './errors.ts'

export interface ClientOptions {
  /** Where the endpoint is; `/graphql` of this origin unless told. */
  url?: string
  /** For callers without a cookie (till, widget): the whole header value, e.g. `Bearer …`; asked before every request. */
  authorization?: () => string | undefined | Promise<string | undefined>
  /** Told of every answer that carries `serverTime` (RFC 3339), with this device's milliseconds around it. */
  onServerTime?: (serverTime: string, sentAtMs: number, receivedAtMs: number) => void
  fetch?: typeof fetch
}

export interface Client {
  /** Sends a persisted document. @throws ApiError when there is no usable answer; `userErrors` come back as data. */
  request<Data, Vars extends Variables>(
    document: Document<Data, Vars>,
    ...rest: Record<string, never> extends Vars ? [variables?: Vars, signal?: AbortSignal] : [variables: Vars, signal?: AbortSignal]
  ): Promise<Data>
}

export function createClient({ url = '/graphql', authorization, onServerTime, fetch: send = (url, init) => fetch(url, init) }: ClientOptions = {}): Client {
  return {
    async request(document, ...[variables, signal]) {
      const header = await authorization?.()
      const sent = Date.now()
      let response: Response
      try {
        response = await send(url, {
          method: 'POST',
          credentials: header ? 'omit' : 'same-origin',
          headers: {
            'Content-Type': 'application/json',
            Accept: 'application/graphql-response+json, application/json;q=0.9',
            ...(header && { Authorization: header }),
          },
          body: JSON.stringify({ documentId: document.id, variables: variables ?? {} }),
          signal: signal ?? null,
        })
      } catch (cause) {
        if (signal?.aborted) throw cause
        throw new ApiError('offline', 'No connection')
      }
      const body = await response.json().catch(() => ({}))
      if (!response.ok || !body.data || body.errors?.length) throw toApiError(response, body.errors)
      if (typeof body.data.serverTime === 'string') onServerTime?.(body.data.serverTime, sent, Date.now())
      return body.data
    },
  }
}
