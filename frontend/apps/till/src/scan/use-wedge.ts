import { readCode } from '@stampbook/card'
import { useEffect, useRef } from 'preact/hooks'
import { IDLE_MS, WedgeDetector, type Unmistakable } from './wedge.ts'

/**
 * Hears a keyboard-wedge scanner wherever the focus is. What it typed into a field is taken out again, and its Enter
 * neither presses a button nor sends a form.
 */
export function useWedge(onScan: (text: string) => void): void {
  const latest = useRef(onScan)
  latest.current = onScan
  useEffect(() => {
    const detector = new WedgeDetector(CARD_CODES)
    let timer: ReturnType<typeof setTimeout> | undefined
    let before: Draft | null = null

    const finish = (text: string) => {
      before?.restore()
      before = null
      latest.current(text)
    }
    const keydown = (event: KeyboardEvent) => {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
      const found = detector.key(event.key, event.timeStamp)
      clearTimeout(timer)
      if (found.kind === 'scan') {
        event.preventDefault()
        event.stopPropagation()
        return finish(found.text)
      }
      // The first key of a run has not reached the field yet: this is what to go back to.
      if (detector.pending === 1) before = Draft.of(event.target)
      timer = setTimeout(() => {
        const ended = detector.idle(performance.now())
        if (ended.kind === 'scan') finish(ended.text)
      }, IDLE_MS)
    }
    addEventListener('keydown', keydown, { capture: true })
    return () => {
      removeEventListener('keydown', keydown, { capture: true })
      clearTimeout(timer)
    }
  }, [])
}

const CARD_CODES: Unmistakable = {
  isCode: (text) => ['rotating', 'static', 'totp', 'redemption'].includes(readCode(text).kind),
  mayBecomeCode: (text) => /^L[GRY][0-9A-HJKMNP-TV-Z]{2,42}$/i.test(text),
}

/** The text of a field before a scanner typed into it. */
class Draft {
  readonly #field: HTMLInputElement
  readonly #text: string

  private constructor(field: HTMLInputElement) {
    this.#field = field
    this.#text = field.value
  }

  static of(target: EventTarget | null): Draft | null {
    return target instanceof HTMLInputElement ? new Draft(target) : null
  }

  restore(): void {
    this.#field.value = this.#text
    this.#field.dispatchEvent(new Event('input', { bubbles: true }))
  }
}
