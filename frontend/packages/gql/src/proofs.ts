import { FormError, call } from './account.ts'
import { ApiError } from './errors.ts'

export const requestCode = (email: string, language: string) => call<object>('POST', '/login/code', { email, language })
export const verifyCode = (email: string, code: string) => call<{ kind: 'member' | 'staff'; newIdentity: boolean }>('POST', '/login/code/verify', { email, code })
export const requestProofCode = () => call<object>('POST', '/stepup/code')
export const proveByCode = (code: string) => call<object>('POST', '/stepup/verify', { code })

/** Whether the service wants a fresh proof of who is asking before it does this (RFC 9470). */
export const needsProof = (error: unknown): boolean =>
  error instanceof FormError ? error.code === 'insufficient_user_authentication' : error instanceof ApiError && error.code === 'STEP_UP_REQUIRED'
