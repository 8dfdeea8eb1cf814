import { useEffect, useRef } from 'preact/hooks'
import { type Command, commandOf, isTyping } from '../logic/keys.ts'

export type Handlers = Partial<Record<Command, () => void>>

/** Listens to the console's keys while the component is shown; those without a handler are left alone. */
export function useShortcuts(handlers: Handlers): void {
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const command = commandOf(event, isTyping(event.target))
      const handler = command && latest.current[command]
      if (!handler) return
      if (command !== 'close') event.preventDefault()
      handler()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
