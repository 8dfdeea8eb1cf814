import { type Credential, createDevice, forget, loadCredential, register, rotatingCode } from '@stampbook/card'
import type { Client, Store } from '@stampbook/gql'
import { CardDeviceRegisterDocument } from '../generated/graphql.ts'

/** Whose credential this device holds: signing in as somebody else must not show the last person's codes. */
const ownerKey = 'card.owner'
/** Set while the credential was ended elsewhere: this session is not to make itself another one. */
const endedKey = 'card.ended'

/**
 * The credential of this member on this device, made and registered when there is none: the first time, after the browser
 * threw its storage away, or when the last one was another member's. Null when it was ended elsewhere, until the next sign-in.
 * @param live ids of the credentials that the service takes from this member's devices
 * @throws ApiError when the service cannot be asked
 */
export async function ensureCredential(memberId: string, live: readonly string[], client: Client, store: Store): Promise<Credential | null> {
  const [owner, ended, stored] = await Promise.all([store.get<string>(ownerKey), store.get(endedKey), loadCredential().catch(() => null)])
  const own = stored && owner?.value === memberId ? stored : null
  if (own && live.includes(own.id) && (await works(own))) return own
  await forget()
  if (ended) return null
  if (own && !live.includes(own.id)) {
    await store.set(endedKey, true)
    return null
  }
  const { publicKey } = await createDevice()
  const sentAtMs = Date.now()
  const { cardDeviceRegister: answer } = await client.request(CardDeviceRegisterDocument, { input: { publicKey, name: deviceName() } })
  const { credentialId, epoch, serverKey, serverTime, userErrors } = answer
  if (!credentialId || epoch === null || !serverKey) throw new Error(userErrors[0]?.message ?? 'The card was refused.')
  const credential = await register({ credentialId, epoch, serverKey, serverTime }, { sentAtMs, receivedAtMs: Date.now() })
  await store.set(ownerKey, memberId)
  return credential
}

/** A device whose credential was ended elsewhere may have a new one. */
export const mayHaveCard = (store: Store) => store.delete(endedKey)

/** Whether the browser kept the key whole; what it half lost is made anew. */
const works = (credential: Credential) =>
  rotatingCode(credential, Date.now()).then(
    () => true,
    () => false,
  )

/** What a person would call this device in a list: "Chrome, Android". */
export function deviceName(agent = navigator.userAgent): string {
  const named = (...names: string[]) => names.find((name) => agent.includes(name))
  // Each of them also names those that come after it.
  const browser = named('Edg/') ? 'Edge' : (named('Firefox', 'Chrome', 'Safari') ?? 'Browser')
  const system = named('iPhone', 'iPad', 'Android', 'Mac', 'Windows', 'Linux')
  return system ? `${browser}, ${system}` : browser
}
