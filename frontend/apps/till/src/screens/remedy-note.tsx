import { unknownItem, type QueuedPost, type Remedy } from '../queue/post.ts'
import { useFigures, useTill } from '../session/context.ts'

/** What a remedy leaves for the cashier to do or to know: whose money is still to be taken, what is left out. */
export function RemedyNote({ post, remedy }: { post: QueuedPost; remedy: Remedy | null }) {
  const { t } = useTill().locale
  const { money } = useFigures()
  if (post.kind === 'return' || remedy === null) return null
  if (remedy === 'withoutItem') return <p class="small">{t('remedyLeavesOut', { name: unknownItem(post)?.name ?? '' })}</p>
  const loses = remedy === 'withoutPoints' || remedy === 'withoutMember'
  if (!loses || post.byPoints === null) return null
  return <p class="small">{t('remedyTakeMoney', { money: money(post.byPoints.amount) })}</p>
}
