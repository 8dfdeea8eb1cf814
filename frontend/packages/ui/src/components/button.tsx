import type { ComponentChildren, Ref } from 'preact'

export type Look = 'plain' | 'primary' | 'quiet' | 'danger' | 'danger-solid'

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
