export type Command = 'search' | 'next' | 'previous' | 'open' | 'adjust' | 'help' | 'close'

const commands: Readonly<Record<string, Command>> = { '/': 'search', j: 'next', k: 'previous', o: 'open', a: 'adjust', '?': 'help', Escape: 'close' }

interface Press {
  key: string
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
}

/** What a key asks for; nothing while somebody types (but Escape) and nothing that belongs to the browser. */
export function commandOf({ key, altKey, ctrlKey, metaKey }: Press, typing: boolean): Command | undefined {
  if (altKey || ctrlKey || metaKey) return undefined
  const command = commands[key]
  return typing && command !== 'close' ? undefined : command
}

/** Whether keys pressed there are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** The place after a step in a list; it stays inside, and a first step forward lands on the first. */
export function stepped(now: number, by: 1 | -1, length: number): number {
  return Math.min(length - 1, Math.max(0, now + by))
}
