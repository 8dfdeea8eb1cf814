import type { Ref } from 'preact'
import { useId } from 'preact/hooks'
import { IconAlert } from './icons-more.tsx'

interface FieldProps {
  label: string
  value: string
  onValue: (value: string) => void
  hint?: string | undefined
  error?: string | undefined
  type?: 'text' | 'email' | 'tel' | 'search' | 'date' | 'number'
  name?: string
  /** `bday` and all: https://html.spec.whatwg.org/#autofill */
  autocomplete?: AutoFill | 'bday'
  inputMode?: 'text' | 'numeric' | 'decimal' | 'email' | 'tel' | 'search'
  enterKeyHint?: 'enter' | 'done' | 'go' | 'next' | 'search' | 'send'
  placeholder?: string
  required?: boolean
  disabled?: boolean
  spellcheck?: boolean
  maxLength?: number
  min?: string | number
  max?: string | number
  step?: string | number
  pattern?: string
  class?: string
  inputRef?: Ref<HTMLInputElement>
  onKeyDown?: (event: KeyboardEvent) => void
  onBlur?: (event: FocusEvent) => void
  onPaste?: (event: ClipboardEvent) => void
}

/** A labelled input whose hint and error belong to it for a screen reader too. */
export function Field({ label, value, onValue, hint, error, type = 'text', class: extra = '', inputRef, autocomplete, ...input }: FieldProps) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        {...input}
        // Preact types each kind of input apart; this one is any of them.
        type={type as 'text'}
        autocomplete={autocomplete as AutoFill}
        ref={inputRef}
        id={id}
        class={`input ${extra}`}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
      />
      {hint && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <FieldError id={`${id}-error`} error={error} />
    </div>
  )
}

function FieldError({ id, error }: { id: string; error: string | undefined }) {
  if (!error) return null
  return (
    <span class="field-error" id={id} role="alert">
      <IconAlert size={18} />
      {error}
    </span>
  )
}
