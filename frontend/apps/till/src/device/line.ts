export type LineState = 'unknown' | 'up' | 'down'

/** How often the line is tried while it is up, and how soon again after each failure. */
const WHILE_UP_MS = 15_000
const AFTER_FAILURES_MS: readonly number[] = [2000, 4000, 8000, 15_000]

interface LineOptions {
  /** Asks the service anything; rejects when it does not answer. */
  probe: () => Promise<void>
  /** At every answer to a probe: the moment to send what waits. */
  onAnswer: () => void
  onChange: (state: LineState) => void
}

/** Whether the service answers, found out by asking it: what the browser says about its network proves nothing. */
export class Line {
  readonly #options: LineOptions
  #state: LineState = 'unknown'
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  get state(): LineState {
    return this.#state
  }

  /** Starts asking now, and goes on until `stop`. */
  start(): void {
    this.#stopped = false
    void this.check()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** Asks now, e.g. because the browser has found a network. */
  async check(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      await this.#options.probe()
      this.saw('up')
      this.#options.onAnswer()
    } catch {
      this.saw('down')
    }
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.check(), this.#pause())
  }

  /** Learns from any other request how the line is. */
  saw(state: 'up' | 'down'): void {
    this.#failures = state === 'up' ? 0 : this.#failures + 1
    if (this.#state === state) return
    this.#state = state
    this.#options.onChange(state)
  }

  #pause(): number {
    if (this.#failures === 0) return WHILE_UP_MS
    return AFTER_FAILURES_MS[Math.min(this.#failures, AFTER_FAILURES_MS.length) - 1] ?? WHILE_UP_MS
  }
}
