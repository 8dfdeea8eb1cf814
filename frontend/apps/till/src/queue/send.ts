import { ApiError, type Client } from '@stampbook/gql'
import { PurchaseRecordDocument, PurchaseReturnDocument } from '../generated/graphql.ts'
import type { PostResult, Problem, QueuedPost, QueuedReturn, QueuedSale } from './post.ts'

/** A cashier does not wait longer than this for an answer; the post stays queued. */
const PATIENCE_MS = 8000

/** Sends a post to the service and says what became of it; never throws for anything that the line can do. */
export async function sendPost(client: Client, post: QueuedPost): Promise<PostResult> {
  try {
    return post.kind === 'sale' ? await sendSale(client, post) : await sendReturn(client, post)
  } catch (error) {
    if (isTimeout(error)) return { kind: 'later', lineIsDown: true }
    if (!(error instanceof ApiError)) throw error
    if (error.kind === 'refused') return { kind: 'conflict', problem: { code: 'REFUSED', message: error.message, line: null } }
    // What breaks on one post must not hold up the others.
    return { kind: 'later', lineIsDown: error.kind !== 'broken' }
  }
}

async function sendSale(client: Client, post: QueuedSale): Promise<PostResult> {
  const { purchaseRecord } = await client.request(
    PurchaseRecordDocument,
    { input: post.input },
    AbortSignal.timeout(PATIENCE_MS),
  )
  const { purchase, receipt, duplicate, userErrors } = purchaseRecord
  if (purchase !== null) return { kind: 'posted', purchase, receipt, duplicate }
  const problem = problemOf(userErrors)
  if (problem.code === 'IDENTIFICATION_UNKNOWN' && post.scan !== null && post.input.identification) {
    return {
      kind: 'instead',
      post: { ...post, input: { ...post.input, identification: null, deferredScan: post.scan } },
    }
  }
  return refusal(problem)
}

async function sendReturn(client: Client, post: QueuedReturn): Promise<PostResult> {
  const { purchaseReturn } = await client.request(
    PurchaseReturnDocument,
    { input: post.input },
    AbortSignal.timeout(PATIENCE_MS),
  )
  const { purchase, receipt, userErrors } = purchaseReturn
  if (purchase !== null && purchaseReturn.return !== null)
    return { kind: 'posted', purchase, receipt, duplicate: false }
  return refusal(problemOf(userErrors))
}

interface UserError extends Pick<Problem, 'code' | 'message'> {
  readonly field: readonly string[] | null
}

function problemOf(userErrors: readonly UserError[]): Problem {
  const [first] = userErrors
  if (first === undefined) return { code: 'REFUSED', message: '', line: null }
  const place = first.field?.[1] === 'lines' ? Number(first.field[2]) : Number.NaN
  return { code: first.code, message: first.message, line: Number.isInteger(place) ? place : null }
}

function refusal(problem: Problem): PostResult {
  return problem.code === 'BUSY' ? { kind: 'later', lineIsDown: false } : { kind: 'conflict', problem }
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
