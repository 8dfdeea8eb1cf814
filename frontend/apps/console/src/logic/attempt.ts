/**
 * One thing that somebody means to do, however often it has to be sent: the same request keeps its key, so that a retry
 * after a lost answer does nothing twice; another request is another attempt.
 */
export class Attempt {
  #body = ''
  #key = ''

  /** The key for this request; a new one whenever the request is another. */
  keyFor(request: object): string {
    const body = JSON.stringify(request)
    if (!this.#key || body !== this.#body) {
      this.#body = body
      this.#key = crypto.randomUUID()
    }
    return this.#key
  }

  /** It was answered: the next one, even with the same content, is meant anew. */
  done(): void {
    this.#key = ''
  }
}
