import { needsProof } from '@stampbook/gql/proofs.ts'
import { useEffect, useState } from 'preact/hooks'
import { unfinished } from '../wallet/wallet.ts'

/** What waits for a fresh proof of who asks (RFC 9470), to be done when the person comes back. */
export type Pending = { action: 'addPasskey' } | { action: 'removeMethod'; methodId: string } | { action: 'connect'; provider: string }

const pendingKey = `${unfinished}pending`
const draftKey = (name: string) => `${unfinished}draft.${name}`

/** Goes to confirm who asks, if that is what the service wants; the page comes back here. */
export function confirmIfAsked(error: unknown, pending: Pending): boolean {
  if (!needsProof(error)) return false
  confirmFirst(pending)
  return true
}

export function confirmFirst(pending: Pending): void {
  sessionStorage.setItem(pendingKey, JSON.stringify(pending))
  location.assign(`/stepup?return_to=${encodeURIComponent(location.pathname)}`)
}

/** What the person came back to, once. */
export function takePending(): Pending | undefined {
  const kept = sessionStorage.getItem(pendingKey)
  sessionStorage.removeItem(pendingKey)
  return kept ? (JSON.parse(kept) as Pending) : undefined
}

/** A field's text that survives leaving the page and coming back, until it is saved. */
export function useDraft(name: string, saved: string): [text: string, type: (text: string) => void] {
  const key = draftKey(name)
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? saved)
  useEffect(() => {
    if (text === saved) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  }, [text, saved])
  return [text, setText]
}
