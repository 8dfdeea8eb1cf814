import type { QueuedPost, Remedy } from '../queue/post.ts'
import { useFigures, useTill } from '../session/context.ts'

/** What a remedy leaves for the cashier to do: take money for what points no longer pay. */
export function RemedyNote({ post, remedy }: { post: QueuedPost; remedy: Remedy | null }) {
  const { t } = useTill().locale
  const { money } = useFigures()
  const loses = remedy === 'withoutPoints' || remedy === 'withoutMember'
  if (!loses || post.kind !== 'sale' || post.byPoints === null) return null
  return <p class="small">{t('remedyTakeMoney', { money: money(post.byPoints.amount) })}</p>
}
