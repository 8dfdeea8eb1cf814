/** Who did something: `kind:id` as the ledger keeps it. */
export interface Actor {
  kind: 'member' | 'till' | 'agent' | 'system'
  /** What tells it from others of its kind: the end of an id, or what part of the system. */
  ending: string
  mine: boolean
}

const kinds: Readonly<Record<string, Actor['kind']>> = { member: 'member', identity: 'member', till: 'till', agent: 'agent', staff: 'agent' }

/** @param ownId identity of whoever looks at it */
export function actorOf(text: string, ownId: string | undefined): Actor {
  const [kind = '', id = ''] = text.split(/:(.*)/s)
  const known = kinds[kind] ?? 'system'
  return { kind: known, ending: known === 'system' ? id || kind : id.slice(-6), mine: known === 'agent' && id !== '' && id === ownId }
}
