import { ApiError } from './errors.ts'

/** Who the cookie of this browser belongs to, as `GET /web/session` tells it. */
export interface Session {
  signedIn: boolean
  /** Somebody ended this browser's session; it did not run out. */
  ended?: boolean
  kind?: 'member' | 'staff'
  identityId?: string | null
  memberId?: string | null
  email?: string | null
  name?: string | null
  roles?: readonly string[]
  /** What the cookie allows; the service checks each request again. */
  scopes?: readonly string[]
  /** With whose accounts one may sign in besides our own. */
  providers?: readonly { id: string; name: string }[]
}

/** A refusal that names the field it is about, e.g. a wrong code. */
export class FormError extends Error {
  readonly code: string
  readonly field: string | undefined

  constructor(code: string, message: string, field?: string) {
    super(message)
    this.name = 'FormError'
    this.code = code
    this.field = field
  }
}

/**
 * One call to the sign-in endpoints of this origin.
 * @throws FormError for what the person can correct; ApiError for everything else.
 */
export async function call<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { Accept: 'application/json', ...(method === 'POST' && { 'Content-Type': 'application/json' }) },
      body: method === 'POST' ? JSON.stringify(body ?? {}) : null,
    })
  } catch {
    throw new ApiError('offline', 'No connection')
  }
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer as Answer
  if (response.status === 429) throw new ApiError('rateLimited', answer.message ?? '', { retryAfter: Number(response.headers.get('retry-after')) || undefined })
  if (response.status >= 500) throw new ApiError('broken', answer.message ?? '')
  throw new FormError(answer.error ?? 'invalid', answer.message ?? '', answer.field ?? undefined)
}

export const currentSession = () => call<Session>('GET', '/web/session')
export const endSession = () => call<object>('DELETE', '/web/session')
