import { useEffect, useState } from 'preact/hooks'
import { useWallet } from './context.ts'

export interface Kept<T> {
  value: T | undefined
  /** When it was kept, milliseconds of this device; 0 when it is fresh from the service. */
  keptAt: number
  error: unknown
  reload: () => Promise<void>
  /** Changes what is shown and kept, e.g. after a mutation. */
  set: (value: T) => void
}

/** What was kept of a screen last time, at once; then what the service says now. Asked again whenever `version` changes. */
export function useKept<T>(key: string, ask: () => Promise<T>, version: unknown = 0): Kept<T> {
  const { store } = useWallet()
  const [shown, setShown] = useState<{ key: string; value?: T; keptAt: number; error?: unknown }>({ key, keptAt: 0 })
  const set = (value: T) => {
    setShown({ key, value, keptAt: 0 })
    void store.set(key, value)
  }
  const reload = () =>
    ask().then(set, (error: unknown) => setShown((now) => ({ ...now, error })))
  useEffect(() => {
    let current = true
    void store.get<T>(key).then((kept) => {
      if (current && kept) setShown((now) => (now.key === key && now.value !== undefined ? now : { key, value: kept.value, keptAt: kept.at }))
    })
    ask().then(
      (value) => current && set(value),
      (error: unknown) => current && setShown((now) => ({ ...now, key, error })),
    )
    return () => void (current = false)
  }, [key, version])
  const mine: typeof shown = shown.key === key ? shown : { key, keptAt: 0 }
  return { value: mine.value, keptAt: mine.keptAt, error: mine.error, reload, set }
}
