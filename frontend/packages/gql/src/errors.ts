/**
 * - `offline`: nothing answered; the same request may be sent again.
 * - `signedOut`: the session or token is gone; sign in and continue.
 * - `forbidden`: signed in, but not allowed.
 * - `rateLimited`: too many; `retryAfter` says when.
 * - `refused`: the request was wrong (a bug here or a stale page: reload).
 * - `broken`: the service failed; `correlationId` is in its log.
 */
export type ApiErrorKind = 'offline' | 'signedOut' | 'forbidden' | 'rateLimited' | 'refused' | 'broken'

interface Details {
  retryAfter?: number | undefined
  correlationId?: string | undefined
  code?: string | undefined
}

/** A request that got no usable answer. Refusals of the business (`userErrors`) are data, not errors. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind
  /** Seconds. */
  readonly retryAfter: number | undefined
  readonly correlationId: string | undefined
  /** `extensions.code` of the first GraphQL error; `STEP_UP_REQUIRED` also where the challenge asks for it (RFC 9470). */
  readonly code: string | undefined

  constructor(kind: ApiErrorKind, message: string, details: Details = {}) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
    this.retryAfter = details.retryAfter
    this.correlationId = details.correlationId
    this.code = details.code
  }
}

const kindOfStatus: Record<number, ApiErrorKind> = { 401: 'signedOut', 403: 'forbidden', 429: 'rateLimited' }
const kindOfCode: Record<string, ApiErrorKind> = {
  UNAUTHENTICATED: 'signedOut',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'rateLimited',
  INTERNAL: 'broken',
  UNAVAILABLE: 'broken',
}

interface GraphQLErrorBody {
  message: string
  extensions?: { code?: string; retryAfter?: number; correlationId?: string }
}

const asksForProof = ({ headers }: Response) => headers.get('www-authenticate')?.includes('insufficient_user_authentication') ?? false

/** The error that an HTTP answer with its GraphQL errors (if any) stands for. */
export function toApiError(response: Response, errors: GraphQLErrorBody[] = []): ApiError {
  const [first] = errors
  const code = asksForProof(response) ? 'STEP_UP_REQUIRED' : first?.extensions?.code
  const kind = kindOfStatus[response.status] ?? kindOfCode[code ?? ''] ?? (response.status >= 500 ? 'broken' : 'refused')
  const retryAfter = Number(response.headers.get('retry-after') ?? first?.extensions?.retryAfter)
  return new ApiError(kind, first?.message ?? `HTTP ${response.status}`, {
    code,
    retryAfter: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    correlationId: first?.extensions?.correlationId ?? response.headers.get('x-correlation-id') ?? undefined,
  })
}
