/** What the last key meant: nothing special, the end of a scan, or the Enter of one that silence had ended already. */
export type WedgeEvent =
  | { readonly kind: 'key' }
  | { readonly kind: 'scan'; readonly text: string }
  | { readonly kind: 'suffix' }

const NOTHING: WedgeEvent = { kind: 'key' }

/** The usual gap of the slowest scanner (Bluetooth, 20 to 35 ms) with room; the fastest typists stay above 70. */
export const USUAL_GAP_MS = 50
/** A busy tablet may swallow a moment within a scan; a longer pause is a new beginning. */
export const LONGEST_GAP_MS = 150
/** A very busy one may swallow more; that is borne while what was heard so far may still become a code. */
export const LONGEST_STALL_MS = 2000
/** The shortest code that a scanner sends here is an EAN-8. */
export const SHORTEST_SCAN = 8
/** Scanners without a suffix end in silence. */
export const IDLE_MS = 200

/** What the till knows of the shape of its codes. */
export interface Shapes {
  /** A code as it stands; its checks hold. */
  readonly isWhole: (text: string) => boolean
  /** Nobody means anything else by it: it is long and has a check of its own. */
  readonly isUnmistakable: (text: string) => boolean
  /** More characters could make a code of it. */
  readonly isBeginning: (text: string) => boolean
}

const NO_SHAPES: Shapes = { isWhole: () => false, isUnmistakable: () => false, isBeginning: () => false }

/**
 * Tells a barcode scanner that pretends to be a keyboard from a person at one, by the gaps between keys and, where a
 * busy machine has stretched those, by what was typed and where.
 *
 * Pure: it is given each key with the time at which it was pressed (KeyboardEvent.timeStamp, in milliseconds), which
 * does not depend on when the page gets round to it, and asked now and then whether silence has ended a scan.
 */
export class WedgeDetector {
  readonly #shapes: Shapes
  #text = ''
  #gaps: number[] = []
  #lastMs = Number.NEGATIVE_INFINITY
  #outside = false
  /** Time of the last key of a scan that silence has ended. */
  #endedMs = Number.NEGATIVE_INFINITY

  constructor(shapes: Shapes = NO_SHAPES) {
    this.#shapes = shapes
  }

  /**
   * @param key as in KeyboardEvent.key
   * @param intoText whether a field takes the key in; where none does nobody types, so its speed does not matter
   */
  key(key: string, atMs: number, intoText = true): WedgeEvent {
    if (key === 'Shift' || key === 'CapsLock') return NOTHING
    const gap = atMs - this.#lastMs
    if (key === 'Enter' || key === 'Tab') {
      const longest = this.#bearsStall(this.#text) ? LONGEST_STALL_MS : LONGEST_GAP_MS
      return this.#isSuffix(atMs) ? this.#reset('suffix') : this.#end(gap <= longest)
    }
    if (key.length !== 1) return this.#reset()
    if (gap > (this.#bearsStall(this.#text + key) ? LONGEST_STALL_MS : LONGEST_GAP_MS)) this.#reset()
    else this.#gaps.push(gap)
    this.#text += key
    this.#lastMs = atMs
    this.#outside ||= !intoText
    return NOTHING
  }

  /** Call when no key has come for a while. */
  idle(atMs: number): WedgeEvent {
    if (atMs - this.#lastMs < IDLE_MS || !this.#isFast()) return NOTHING
    // The rest of a code that has only begun is still on its way, and its Enter behind it.
    if (this.#shapes.isBeginning(this.#text) && !this.#shapes.isWhole(this.#text)) return NOTHING
    const lastMs = this.#lastMs
    const ended = this.#end(true)
    if (ended.kind === 'scan') this.#endedMs = lastMs
    return ended
  }

  /** How many characters the run has that may become a scan; they are in the focused field and can be taken out. */
  get pending(): number {
    return this.#text.length
  }

  #isFast(): boolean {
    return median(this.#gaps) <= USUAL_GAP_MS
  }

  /** Digits in a field may be a price or a number that somebody is typing; a scan that follows is none of it. */
  #bearsStall(text: string): boolean {
    if (!this.#outside && /^\d/.test(text)) return false
    return this.#shapes.isBeginning(text) || this.#shapes.isWhole(text)
  }

  #isSuffix(atMs: number): boolean {
    return this.#text === '' && atMs - this.#endedMs <= LONGEST_STALL_MS
  }

  #end(inTime: boolean): WedgeEvent {
    const text = this.#text
    const meant = this.#shapes.isUnmistakable(text) || (inTime && (this.#outside || this.#isFast()))
    this.#reset()
    return meant && text.length >= SHORTEST_SCAN ? { kind: 'scan', text } : NOTHING
  }

  #reset(kind: 'key' | 'suffix' = 'key'): WedgeEvent {
    this.#text = ''
    this.#gaps = []
    this.#lastMs = this.#endedMs = Number.NEGATIVE_INFINITY
    this.#outside = false
    return { kind }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.POSITIVE_INFINITY
}
