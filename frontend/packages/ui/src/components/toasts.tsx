import { useEffect, useState } from 'preact/hooks'

interface Toast {
  id: number
  text: string
}

/** Long enough to read, and it is in a live region besides: nothing that needs an answer belongs in a toast. */
const shownFor = 6000

let counter = 0
const listeners = new Set<(toast: Toast) => void>()

/** Says something that happened, briefly; spoken politely. */
export function toast(text: string): void {
  const made = { id: ++counter, text }
  for (const listener of listeners) listener(made)
}

/** Where toasts appear; once per app. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  useEffect(() => {
    const listener = (made: Toast) => {
      setToasts((now) => [...now.slice(-2), made])
      setTimeout(() => setToasts((now) => now.filter((one) => one !== made)), shownFor)
    }
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text }) => (
        <div key={id} class="toast">
          {text}
        </div>
      ))}
    </div>
  )
}
