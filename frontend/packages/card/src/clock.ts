/** How far the server's clock is from this device's, and when that was last measured. */
export interface ClockOffset {
  /** Server time minus device time, in milliseconds. */
  readonly offsetMs: number
  /** Device time of the measurement, in milliseconds since 1970. */
  readonly measuredAtMs: number
}

const WEEK_MS = 7 * 24 * 3600 * 1000

/**
 * Compares the server's time in an answer with this device's, as if it was written half way through the exchange.
 * @throws RangeError when the server's time is not a date.
 */
export function measureOffset(serverTime: string, sentAtMs: number, receivedAtMs: number): ClockOffset {
  const server = Date.parse(serverTime)
  if (Number.isNaN(server)) throw new RangeError("The server's time is not a date.")
  return { offsetMs: Math.round(server - (sentAtMs + receivedAtMs) / 2), measuredAtMs: receivedAtMs }
}

/** Whether the offset is too old to be trusted; a clock that was set back counts as old too. */
export function isStale(clock: ClockOffset, nowMs: number): boolean {
  return Math.abs(nowMs - clock.measuredAtMs) > WEEK_MS
}
