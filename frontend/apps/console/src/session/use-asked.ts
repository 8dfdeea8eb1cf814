import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useDesk, useDeskState } from './context.ts'
import type { Kept } from './desk.ts'

export interface Asked<T> {
  value: T | undefined
  /** When it was answered, milliseconds of this device. */
  at: number
  error: unknown
  loading: boolean
  reload: () => void
  /** Takes over what a change answered. */
  set: (value: T) => void
}

/** What was answered to this question last time, at once; then what the service says now. */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const desk = useDesk()
  const { round } = useDeskState()
  const [shown, setShown] = useState<{ key: string; error?: unknown; loading: boolean; version: number }>({ key, loading: true, version: 0 })
  const latest = useRef(ask)
  latest.current = ask
  const running = useRef<AbortController>(undefined)

  const set = useCallback(
    (value: T) => {
      desk.kept.set(key, { value, at: Date.now() })
      setShown(({ version }) => ({ key, loading: false, version: version + 1 }))
    },
    [desk, key],
  )
  const reload = useCallback(() => {
    running.current?.abort()
    const current = (running.current = new AbortController())
    setShown(({ version }) => ({ key, loading: true, version }))
    latest.current(current.signal).then(
      (value) => !current.signal.aborted && set(value),
      (error: unknown) => !current.signal.aborted && setShown(({ version }) => ({ key, loading: false, error, version })),
    )
  }, [key, set])
  useEffect(() => {
    reload()
    return () => running.current?.abort()
  }, [reload, round])

  const kept = desk.kept.get(key) as Kept<T> | undefined
  const mine = shown.key === key
  return { value: kept?.value, at: kept?.at ?? 0, error: mine ? shown.error : undefined, loading: !mine || shown.loading, reload, set }
}
