import { call } from './account.ts'

/** Whether this browser speaks passkeys at all. */
export const passkeysSupported = () => 'PublicKeyCredential' in globalThis

/**
 * Signs in with a passkey that the person chooses from those on the device.
 * @throws DOMException when they change their mind; FormError or ApiError from the service
 */
export async function signInWithPasskey(): Promise<void> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>('POST', '/login/passkey/options')
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
  await call('POST', '/login/passkey/verify', (credential as PublicKeyCredential).toJSON())
}

/** Makes a passkey for the signed-in person. @throws like signInWithPasskey */
export async function addPasskey(): Promise<void> {
  const options = await call<PublicKeyCredentialCreationOptionsJSON>('POST', '/passkey/options')
  const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
  await call('POST', '/passkey/verify', (credential as PublicKeyCredential).toJSON())
}
