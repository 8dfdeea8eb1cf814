import { withoutItem, withoutMember, withoutPoints, withoutReward, withReceiptNumber, type QueuedPost, type Remedy } from '../queue/post.ts'
import type { TillSession } from './session.ts'

/** The post, changed so that the service can take it. */
export async function applyRemedy(session: TillSession, post: QueuedPost, remedy: Remedy): Promise<QueuedPost> {
  if (remedy === 'newReceiptNumber') {
    const date = post.kind === 'sale' ? post.input.businessDate : session.today()
    return withReceiptNumber(post, await session.receipts.next(date))
  }
  if (post.kind === 'return') return post
  return { withoutMember, withoutReward, withoutPoints, withoutItem }[remedy](post)
}
