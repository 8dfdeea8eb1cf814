import type { ComponentChildren, Ref } from 'preact'
import { useId, useState } from 'preact/hooks'
import { IconAlert } from './icons.tsx'

type Look = 'plain' | 'primary' | 'quiet' | 'danger' | 'danger-solid'

interface ButtonProps {
  type?: 'button' | 'submit'
  look?: Look
  size?: 'normal' | 'large'
  wide?: boolean
  /** Work is under way: it stays focusable, says so, and does nothing on another press. */
  busy?: boolean
  disabled?: boolean
  buttonRef?: Ref<HTMLButtonElement>
  onClick?: (event: MouseEvent) => void
  'aria-label'?: string
  'aria-expanded'?: boolean
  'aria-controls'?: string
  'aria-pressed'?: boolean
  'aria-keyshortcuts'?: string
  'data-testid'?: string
  children: ComponentChildren
}

const buttonClass = (look: Look, size = 'normal', wide = false) =>
  ['button', `button-${look}`, size === 'large' && 'button-large', wide && 'button-wide'].filter(Boolean).join(' ')

export function Button({ look = 'plain', size, wide, busy = false, buttonRef, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={buttonClass(look, size, wide)}
      aria-busy={busy}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {typeof children === 'string' ? <span>{children}</span> : children}
    </button>
  )
}

interface ButtonLinkProps {
  href: string
  look?: Look
  size?: 'normal' | 'large'
  wide?: boolean
  download?: boolean | string
  /** Loads the page anew instead of changing screens inside the app. */
  load?: boolean
  onClick?: (event: MouseEvent) => void
  children: ComponentChildren
}

/** Looks like a button, goes somewhere. */
export function ButtonLink({ href, look = 'plain', size, wide, download, load, onClick, children }: ButtonLinkProps) {
  return (
    <a href={href} class={buttonClass(look, size, wide)} download={download} data-load={load} onClick={onClick}>
      {children}
    </a>
  )
}

interface FieldProps {
  label: string
  value: string
  onValue: (value: string) => void
  hint?: string | undefined
  error?: string | undefined
  type?: 'text' | 'email' | 'tel' | 'search' | 'date' | 'number'
  name?: string
  autocomplete?: AutoFill
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
export function Field({ label, value, onValue, hint, error, type = 'text', class: extra = '', inputRef, ...input }: FieldProps) {
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

interface SelectProps {
  label: string
  value: string
  onValue: (value: string) => void
  options: readonly { value: string; label: string }[]
  hint?: string
}

export function Select({ label, value, onValue, options, hint }: SelectProps) {
  const id = useId()
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select id={id} class="input" value={value} onChange={(event) => onValue(event.currentTarget.value)} aria-describedby={hint && `${id}-hint`}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}

export function Check({ checked, onChecked, children }: { checked: boolean; onChecked: (checked: boolean) => void; children: ComponentChildren }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  )
}

interface ChipsProps<Value extends string> {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onValue: (value: Value) => void
}

/** One of a few, each a press away. */
export function Chips<Value extends string>({ label, value, options, onValue }: ChipsProps<Value>) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" class="chip" aria-pressed={option.value === value} onClick={() => onValue(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  )
}

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
