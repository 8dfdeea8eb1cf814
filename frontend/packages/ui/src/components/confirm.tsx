import { useState } from 'preact/hooks'
import { Button, type Look } from './button.tsx'

interface ConfirmProps {
  /** On the button that asks. */
  label: string
  /** What will happen, in a sentence. */
  question: string
  yes: string
  no: string
  look?: Look
  wide?: boolean
  onYes: () => void | Promise<void>
}

/** Asks on the spot, not in a dialog over the page. */
export function Confirm({ label, question, yes, no, look = 'danger', wide = false, onYes }: ConfirmProps) {
  const [state, setState] = useState<'closed' | 'asking' | 'busy'>('closed')
  if (state === 'closed')
    return (
      <Button look={look} wide={wide} onClick={() => setState('asking')}>
        {label}
      </Button>
    )
  const confirm = async () => {
    setState('busy')
    try {
      await onYes()
    } finally {
      setState('closed')
    }
  }
  return (
    <div class="confirm" role="group" aria-label={label}>
      <p>{question}</p>
      <div class="confirm-actions">
        <Button look="danger-solid" busy={state === 'busy'} onClick={confirm} buttonRef={focusOnce}>
          {yes}
        </Button>
        <Button look="quiet" onClick={() => setState('closed')}>
          {no}
        </Button>
      </div>
    </div>
  )
}

const focusOnce = (element: HTMLElement | null) => element?.focus()
