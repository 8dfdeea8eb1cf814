import { ApiError, createClient, type Client, type ServerClock } from '@stampbook/gql'
import type { Line } from '../device/line.ts'
import type { TokenSource } from '../device/token.ts'

/** The GraphQL client of a paired till: signs each request, renews a refused token once, and tells the line what it saw. */
export function createTillClient(tokens: TokenSource, clock: ServerClock, line: () => Line): Client {
  const client = createClient({
    authorization: () => tokens.authorization(),
    onServerTime: (...exchange) => clock.learn(...exchange),
  })
  return {
    async request(document, ...rest) {
      try {
        const answer = await client.request(document, ...rest).catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.kind !== 'signedOut') throw error
          tokens.drop()
          return client.request(document, ...rest)
        })
        line().saw('up')
        return answer
      } catch (error) {
        if (error instanceof ApiError) line().saw(error.kind === 'offline' ? 'down' : 'up')
        throw error
      }
    },
  }
}
