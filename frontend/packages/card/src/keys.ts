import { fromBase64Url, fromHex, toBase64Url } from './bytes.ts'

const CURVE: EcKeyImportParams = { name: 'ECDH', namedCurve: 'P-256' }
const HMAC: HmacKeyGenParams = { name: 'HMAC', hash: 'SHA-256', length: 256 }
const HKDF_INFO = new TextEncoder().encode('LYCARD1')

export interface DeviceKey {
  readonly privateKey: CryptoKey
  /** base64url of the uncompressed point, 65 bytes. */
  readonly publicKey: string
}

/** Makes the key pair of this device; the private half can be used here but never read. */
export async function makeDeviceKey(): Promise<DeviceKey> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['deriveKey', 'deriveBits'])
  const point = await crypto.subtle.exportKey('raw', pair.publicKey)
  return { privateKey: pair.privateKey, publicKey: toBase64Url(new Uint8Array(point)) }
}

/**
 * Agrees on the key that authenticates this device's codes: ECDH, then HKDF-SHA256 salted with the credential id.
 *
 * The key never exists as bytes in JavaScript, except in browsers that cannot derive one key from another directly.
 */
export async function deriveCardKey(
  privateKey: CryptoKey,
  serverKey: string,
  credentialId: string,
): Promise<CryptoKey> {
  const server = await crypto.subtle.importKey('raw', fromBase64Url(serverKey), CURVE, false, [])
  const hkdf: HkdfParams = { name: 'HKDF', hash: 'SHA-256', salt: fromHex(credentialId), info: HKDF_INFO }
  const shared = await agree(privateKey, server)
  return crypto.subtle.deriveKey(hkdf, shared, HMAC, false, ['sign'])
}

async function agree(privateKey: CryptoKey, server: CryptoKey): Promise<CryptoKey> {
  const ecdh: EcdhKeyDeriveParams = { name: 'ECDH', public: server }
  try {
    return await crypto.subtle.deriveKey(ecdh, privateKey, 'HKDF', false, ['deriveKey'])
  } catch {
    const bits = await crypto.subtle.deriveBits(ecdh, privateKey, 256)
    return crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey'])
  }
}
