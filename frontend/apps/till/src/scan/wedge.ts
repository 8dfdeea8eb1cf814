/** What the last key meant: part of nothing special, or the end of a scan. */
export type WedgeEvent = { readonly kind: 'key' } | { readonly kind: 'scan'; readonly text: string }

const NOTHING: WedgeEvent = { kind: 'key' }

/** No person types a run of keys with gaps this short, and no scanner is slower (Bluetooth ones take 20 to 35 ms). */
export const LONGEST_GAP_MS = 50
/** The shortest code that a scanner sends here is an EAN-8. */
export const SHORTEST_SCAN = 8
/** Scanners without a suffix end in silence. */
export const IDLE_MS = 120

/**
 * Tells a barcode scanner that pretends to be a keyboard from a person at one, by the gaps between keys.
 *
 * Pure: it is given each key with its time in milliseconds, and asked now and then whether silence has ended a scan.
 */
export class WedgeDetector {
  #text = ''
  #lastMs = Number.NEGATIVE_INFINITY

  /** @param key as in KeyboardEvent.key */
  key(key: string, atMs: number): WedgeEvent {
    if (key === 'Shift' || key === 'CapsLock') return NOTHING
    const ended = atMs - this.#lastMs > LONGEST_GAP_MS
    if (key === 'Enter' || key === 'Tab') return ended ? this.#reset() : this.#finish()
    if (key.length !== 1) return this.#reset()
    this.#text = ended ? key : this.#text + key
    this.#lastMs = atMs
    return NOTHING
  }

  /** Call when no key has come for a while. */
  idle(atMs: number): WedgeEvent {
    return atMs - this.#lastMs >= IDLE_MS ? this.#finish() : NOTHING
  }

  /** How many characters in a row came too fast for a person; they are in the focused field and can be taken out. */
  get pending(): number {
    return this.#text.length
  }

  #finish(): WedgeEvent {
    const text = this.#text
    this.#reset()
    return text.length >= SHORTEST_SCAN ? { kind: 'scan', text } : NOTHING
  }

  #reset(): WedgeEvent {
    this.#text = ''
    this.#lastMs = Number.NEGATIVE_INFINITY
    return NOTHING
  }
}
