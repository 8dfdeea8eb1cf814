import { useEffect, useState } from 'preact/hooks'
import { FindMembersDocument, type FindMembersQuery } from '../generated/graphql.ts'
import { useDesk } from '../session/context.ts'

export type Hit = NonNullable<FindMembersQuery['staff']>['members']['edges'][number]

export interface Search {
  /** What `hits` are for; another text is still on its way. */
  answered: string
  hits: readonly Hit[]
  hasMore: boolean
  searching: boolean
  error: unknown
  more: () => Promise<void>
}

const pause = 180
const page = 12
const nothing = { answered: '', hits: [] as readonly Hit[], cursor: undefined as string | undefined, error: undefined as unknown }

/** Members found for a text, a moment after the typing stopped; answers that come late are dropped. */
export function useSearch(text: string): Search {
  const desk = useDesk()
  const wanted = text.trim()
  const [found, setFound] = useState(nothing)
  useEffect(() => {
    if (wanted.length < 2) return setFound(nothing)
    const stop = new AbortController()
    const timer = setTimeout(() => {
      desk.ask(FindMembersDocument, { search: wanted, first: page }, stop.signal).then(
        ({ staff }) => staff && setFound({ answered: wanted, hits: staff.members.edges, cursor: next(staff.members), error: undefined }),
        (error: unknown) => !stop.signal.aborted && setFound({ ...nothing, answered: wanted, error }),
      )
    }, pause)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [desk, wanted])

  const more = async () => {
    const { staff } = await desk.ask(FindMembersDocument, { search: found.answered, first: page, after: found.cursor ?? null })
    if (staff) setFound((now) => (now.answered === found.answered ? { ...now, hits: [...now.hits, ...staff.members.edges], cursor: next(staff.members) } : now))
  }
  return { answered: found.answered, hits: found.hits, hasMore: found.cursor !== undefined, searching: wanted.length >= 2 && wanted !== found.answered, error: found.error, more }
}

const next = ({ pageInfo }: NonNullable<FindMembersQuery['staff']>['members']) => (pageInfo.hasNextPage && pageInfo.endCursor) || undefined
