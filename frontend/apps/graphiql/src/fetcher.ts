import { type Fetcher, createGraphiQLFetcher } from '@graphiql/toolkit'
import { createClient } from 'graphql-ws'

const ENDPOINT = '/graphql'

/** Asks by POST with the session cookie of this origin, and subscribes by `graphql-transport-ws`. */
export const fetcher: Fetcher = (params, options) => {
  // One socket per subscription, since each may carry another token; it opens only when something is subscribed.
  const wsClient = createClient({
    url: new URL(ENDPOINT, location.href.replace(/^http/, 'ws')).href,
    connectionParams: connectionParams(options?.headers),
    retryAttempts: 0,
  })
  return createGraphiQLFetcher({ url: ENDPOINT, wsClient, enableIncrementalDelivery: false })(params, options)
}

/** The token of the header editor, where a socket can carry it: browsers set no headers on a handshake. */
export function connectionParams(headers: Record<string, unknown> | undefined): { authorization: string } | undefined {
  const token = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  return typeof token === 'string' ? { authorization: token } : undefined
}
