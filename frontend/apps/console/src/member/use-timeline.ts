import { useState } from 'preact/hooks'
import { type EventRowFragment, TimelineDocument, type TimelineKind } from '../generated/graphql.ts'
import { useDesk } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'

export type Filter = 'ALL' | TimelineKind

interface Pages {
  events: readonly EventRowFragment[]
  cursor: string | null
}

export interface TimelineState {
  filter: Filter
  setFilter: (filter: Filter) => void
  pages: Pages | undefined
  error: unknown
  loading: boolean
  loadingMore: boolean
  reload: () => void
  more: () => Promise<void>
}

const page = 50

/** Unique in a timeline: an id may stand for two kinds of event. */
export const keyOf = ({ id, kind }: EventRowFragment) => `${kind} ${id}`

/** Everything that happened to a member, page by page, of one kind or all. */
export function useTimeline(memberId: string): TimelineState {
  const desk = useDesk()
  const [filter, setFilter] = useState<Filter>('ALL')
  const [loadingMore, setLoadingMore] = useState(false)
  const [moreError, setMoreError] = useState<unknown>()
  const kinds = filter === 'ALL' ? null : [filter]
  const fetchPage = async (after: string | null, signal?: AbortSignal): Promise<Pages> => {
    const { staff } = await desk.ask(TimelineDocument, { memberId, first: page, after, kinds }, signal)
    const { nodes = [], pageInfo } = staff?.timeline ?? {}
    return { events: nodes, cursor: pageInfo?.hasNextPage ? pageInfo.endCursor : null }
  }
  const { value, error, loading, reload, set } = useAsked<Pages>(`timeline ${memberId} ${filter}`, (signal) => fetchPage(null, signal))
  const more = async () => {
    if (!value?.cursor || loadingMore) return
    setLoadingMore(true)
    setMoreError(undefined)
    try {
      const next = await fetchPage(value.cursor)
      const seen = new Set(value.events.map(keyOf))
      set({ events: [...value.events, ...next.events.filter((event) => !seen.has(keyOf(event)))], cursor: next.cursor })
    } catch (problem) {
      setMoreError(problem)
    } finally {
      setLoadingMore(false)
    }
  }
  return { filter, setFilter, pages: value, error: error ?? moreError, loading, loadingMore, reload, more }
}
