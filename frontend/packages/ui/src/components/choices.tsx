import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

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
