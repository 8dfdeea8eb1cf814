/** What the last key meant: part of nothing special, or the end of a scan. */
export type WedgeEvent = { readonly kind: 'key' } | { readonly kind: 'scan'; readonly text: string }

const NOTHING: WedgeEvent = { kind: 'key' }

/** The usual gap of the slowest scanner (Bluetooth, 20 to 35 ms) with room; the fastest typists stay above 70. */
export const USUAL_GAP_MS = 50
/** A busy tablet may swallow a moment within a scan; a longer pause is a new beginning. */
export const LONGEST_GAP_MS = 150
/** A very busy one may swallow more; that is borne where the beginning can hardly be anything but a card code. */
export const LONGEST_STALL_MS = 2000
/** The shortest code that a scanner sends here is an EAN-8. */
export const SHORTEST_SCAN = 8
/** Scanners without a suffix end in silence. */
export const IDLE_MS = 200

/** What only a scanner would type, because it is long and has a check of its own. */
export interface Unmistakable {
  readonly isCode: (text: string) => boolean
  readonly mayBecomeCode: (text: string) => boolean
}

const NEVER: Unmistakable = { isCode: () => false, mayBecomeCode: () => false }

/**
 * Tells a barcode scanner that pretends to be a keyboard from a person at one, by the gaps between keys.
 *
 * Pure: it is given each key with its time in milliseconds, and asked now and then whether silence has ended a scan.
 */
export class WedgeDetector {
  readonly #unmistakable: Unmistakable
  #text = ''
  #gaps: number[] = []
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(unmistakable: Unmistakable = NEVER) {
    this.#unmistakable = unmistakable
  }

  /** @param key as in KeyboardEvent.key */
  key(key: string, atMs: number): WedgeEvent {
    if (key === 'Shift' || key === 'CapsLock') return NOTHING
    const gap = atMs - this.#lastMs
    const longest = this.#unmistakable.mayBecomeCode(this.#text) ? LONGEST_STALL_MS : LONGEST_GAP_MS
    if (key === 'Enter' || key === 'Tab') return gap > longest ? this.#reset() : this.#finish()
    if (key.length !== 1) return this.#reset()
    if (gap > longest) this.#reset()
    else this.#gaps.push(gap)
    this.#text += key
    this.#lastMs = atMs
    return NOTHING
  }

  /** Call when no key has come for a while. */
  idle(atMs: number): WedgeEvent {
    if (atMs - this.#lastMs < IDLE_MS) return NOTHING
    const unfinished = !this.#unmistakable.isCode(this.#text) && this.#unmistakable.mayBecomeCode(this.#text)
    return unfinished ? NOTHING : this.#finish()
  }

  /** How many characters the run has that may become a scan; they are in the focused field and can be taken out. */
  get pending(): number {
    return this.#text.length
  }

  #finish(): WedgeEvent {
    const text = this.#text
    const fast = median(this.#gaps) <= USUAL_GAP_MS
    this.#reset()
    if (text.length < SHORTEST_SCAN) return NOTHING
    return fast || this.#unmistakable.isCode(text) ? { kind: 'scan', text } : NOTHING
  }

  #reset(): WedgeEvent {
    this.#text = ''
    this.#gaps = []
    this.#lastMs = Number.NEGATIVE_INFINITY
    return NOTHING
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.POSITIVE_INFINITY
}
