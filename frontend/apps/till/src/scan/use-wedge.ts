import { gtinIsValid, readCode } from '@stampbook/card'
import { useEffect, useRef } from 'preact/hooks'
import { IDLE_MS, WedgeDetector, type Shapes, type WedgeEvent } from './wedge.ts'

/** A timer that comes this much too late says that the page was held up, and keys may be waiting behind it. */
const HELD_UP_MS = 50

/**
 * Hears a keyboard-wedge scanner wherever the focus is. What it typed into a field is taken out again, and its Enter
 * neither presses a button nor sends a form.
 */
export function useWedge(onScan: (text: string) => void): void {
  const latest = useRef(onScan)
  latest.current = onScan
  useEffect(() => {
    const detector = new WedgeDetector(SHAPES)
    let timer: ReturnType<typeof setTimeout> | undefined
    const drafts = new Drafts()

    const finish = ({ text }: WedgeEvent & { kind: 'scan' }) => {
      drafts.restore()
      latest.current(text)
    }
    const listen = () => {
      const askedMs = performance.now()
      timer = setTimeout(() => {
        const nowMs = performance.now()
        if (nowMs - askedMs > IDLE_MS + HELD_UP_MS) return listen()
        const ended = detector.idle(nowMs)
        if (ended.kind === 'scan') finish(ended)
      }, IDLE_MS)
    }
    const keydown = (event: KeyboardEvent) => {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
      const field = textField(event.target)
      const found = detector.key(event.key, event.timeStamp, field !== null)
      clearTimeout(timer)
      if (found.kind !== 'key') {
        event.preventDefault()
        event.stopPropagation()
        if (found.kind === 'scan') finish(found)
        return
      }
      // The key has not reached the field yet: what is in it before the first one is what to go back to.
      if (detector.pending === 1) drafts.forget()
      if (field !== null) drafts.keep(field)
      listen()
    }
    addEventListener('keydown', keydown, { capture: true })
    return () => {
      removeEventListener('keydown', keydown, { capture: true })
      clearTimeout(timer)
    }
  }, [])
}

const UNMISTAKABLE: ReadonlySet<string> = new Set(['rotating', 'static', 'totp', 'redemption', 'cardNumber'])
/** The beginning of a longer number seldom has the check digit of a shorter one. */
const CHECKED: ReadonlySet<string> = new Set(['product', 'legacyNumber'])

export const SHAPES: Shapes = {
  isWhole: (text) => {
    const { kind } = readCode(text)
    return CHECKED.has(kind) ? gtinIsValid(text) : kind !== 'malformed'
  },
  isUnmistakable: (text) => UNMISTAKABLE.has(readCode(text).kind),
  isBeginning: (text) => /^(L|L[GRY][0-9A-HJKMNP-TV-Z]{0,42}|[0-9]{1,15})$/i.test(text),
}

function textField(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.type !== 'range' ? target : null
}

/** The texts of fields before a scanner typed into them: it may begin in one and go on in another. */
class Drafts {
  readonly #texts = new Map<HTMLInputElement, string>()

  keep(field: HTMLInputElement): void {
    if (!this.#texts.has(field)) this.#texts.set(field, field.value)
  }

  forget(): void {
    this.#texts.clear()
  }

  restore(): void {
    for (const [field, text] of this.#texts) {
      if (field.value === text) continue
      field.value = text
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    this.#texts.clear()
  }
}
