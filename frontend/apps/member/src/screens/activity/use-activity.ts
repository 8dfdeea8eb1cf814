import { useEffect, useRef, useState } from 'preact/hooks'
import { ActivityPageDocument, type EntryFragment } from '../../generated/graphql.ts'
import { useService } from '../../shell/context.ts'
import { onChange } from '../../wallet/changes.ts'
import { type Filter, join, kindsOf } from './kinds.ts'

interface Pages {
  entries: EntryFragment[]
  hasMore: boolean
  cursor: string | null
}

export interface Activity {
  pages: Pages | undefined
  error: unknown
  loadingMore: boolean
  more: () => Promise<void>
  reload: () => Promise<void>
}

/** The list by pages: the kept first page at once, then the service's, then news on top as they happen. */
export function useActivity(filter: Filter): Activity {
  const { client, store } = useService()
  const [state, setState] = useState<{ filter: Filter; pages?: Pages; error?: unknown }>({ filter })
  const [loadingMore, setLoadingMore] = useState(false)
  const current = useRef(filter)
  current.current = filter
  const key = `activity ${filter}`

  const ask = async (after: string | null): Promise<Pages> => {
    const { viewer } = await client.request(ActivityPageDocument, { after, kinds: kindsOf[filter] })
    const { nodes, pageInfo } = viewer?.activity ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }
    return { entries: nodes, hasMore: pageInfo.hasNextPage, cursor: pageInfo.endCursor }
  }
  const show = (pages: Pages) => current.current === filter && setState({ filter, pages })
  const reload = async () => {
    try {
      const pages = await ask(null)
      show(pages)
      void store.set(key, pages)
    } catch (error) {
      if (current.current === filter) setState((now) => ({ ...(now.filter === filter ? now : { filter }), error }))
    }
  }
  useEffect(() => {
    void store.get<Pages>(key).then((kept) => kept && setState((now) => (now.filter === filter && now.pages ? now : { filter, pages: kept.value })))
    void reload()
    return onChange(({ activity }) => {
      const kinds = kindsOf[filter]
      if (!activity || (kinds && !kinds.includes(activity.kind))) return
      setState((now) => (now.pages && now.filter === filter ? { ...now, pages: { ...now.pages, entries: join([activity], now.pages.entries) } } : now))
    })
  }, [filter])
  const mine = state.filter === filter ? state : { filter }
  const more = async () => {
    if (!mine.pages?.hasMore || loadingMore) return
    setLoadingMore(true)
    const before = mine.pages
    try {
      const next = await ask(before.cursor)
      show({ ...next, entries: join(before.entries, next.entries) })
    } catch (error) {
      setState((now) => ({ ...now, error }))
    } finally {
      setLoadingMore(false)
    }
  }
  return { pages: mine.pages, error: mine.error, loadingMore, more, reload }
}
