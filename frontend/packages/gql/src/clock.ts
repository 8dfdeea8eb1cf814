/** The service's clock as this page knows it: this device's clock plus an offset learned from `serverTime` in answers. */
export class ServerClock {
  /** Milliseconds to add to this device's clock. */
  offset = 0

  now(): number {
    return Date.now() + this.offset
  }

  /** @param serverTime RFC 3339; taken to be the middle between sending and receiving (device milliseconds). */
  learn(serverTime: string, sentAtMs: number, receivedAtMs: number): void {
    const server = Date.parse(serverTime)
    if (Number.isFinite(server)) this.offset = Math.round(server - (sentAtMs + receivedAtMs) / 2)
  }
}
