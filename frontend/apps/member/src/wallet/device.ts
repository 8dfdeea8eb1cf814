import { type Credential, createDevice, forget, loadCredential, register, rotatingCode } from '@stampbook/card'
import type { Client, Store } from '@stampbook/gql'
import { CardDeviceRegisterDocument } from '../generated/graphql.ts'

/** Whose credential this device holds: signing in as somebody else must not show the last person's codes. */
const ownerKey = 'card.owner'

/**
 * The credential of this member on this device, made and registered when there is none: the first time, after the browser
 * threw its storage away, or when the last one was another member's.
 * @throws ApiError when the service cannot be asked
 */
export async function ensureCredential(memberId: string, client: Client, store: Store): Promise<Credential> {
  const owner = await store.get<string>(ownerKey)
  const stored = await loadCredential().catch(() => null)
  if (stored && owner?.value === memberId && (await works(stored))) return stored
  await forget()
  const { publicKey } = await createDevice()
  const sentAtMs = Date.now()
  const { cardDeviceRegister: answer } = await client.request(CardDeviceRegisterDocument, { input: { publicKey, name: deviceName() } })
  const { credentialId, epoch, serverKey, serverTime, userErrors } = answer
  if (!credentialId || epoch === null || !serverKey) throw new Error(userErrors[0]?.message ?? 'The card was refused.')
  const credential = await register({ credentialId, epoch, serverKey, serverTime }, { sentAtMs, receivedAtMs: Date.now() })
  await store.set(ownerKey, memberId)
  return credential
}

/** Whether the browser kept the key whole; what it half lost is made anew. */
const works = (credential: Credential) =>
  rotatingCode(credential, Date.now()).then(
    () => true,
    () => false,
  )

/** What a person would call this device in a list: "Chrome, Android". */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : 'Browser'
  const system = /iPhone/.test(agent) ? 'iPhone' : /iPad/.test(agent) ? 'iPad' : /Android/.test(agent) ? 'Android' : /Mac/.test(agent) ? 'Mac' : /Windows/.test(agent) ? 'Windows' : /Linux/.test(agent) ? 'Linux' : ''
  return system ? `${browser}, ${system}` : browser
}
