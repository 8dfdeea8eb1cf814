import { Banner, Button } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { remedyFor, type QueuedPost, type QueuedSale } from '../queue/post.ts'
import type { SettledResult } from '../queue/queue.ts'
import { useProblems, useTill } from '../session/context.ts'
import { applyRemedy } from '../session/remedies.ts'
import { RemedyNote } from './remedy-note.tsx'

interface RefusedSaleProps {
  post: QueuedSale
  onSettled: (post: QueuedSale, result: SettledResult) => void
  /** The cashier wants to change the basket and post it again under the same number. */
  onEdit: () => void
  onSetAside: () => void
}

/** A sale that the service has just refused: why, and what can be done about it on the spot. */
export function RefusedSale({ post, onSettled, onEdit, onSetAside }: RefusedSaleProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const say = useProblems()
  const [busy, setBusy] = useState(false)
  const remedy = remedyFor(post)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [post])

  const retry = async (changed: QueuedPost) => {
    setBusy(true)
    try {
      const result = await session.queue.retry(changed)
      if (changed.kind === 'sale') onSettled(changed, result)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div ref={box} class="refused-sale">
      <Banner tone="bad" live="alert">
        <strong>{t('refusedSale')}</strong>
        <p>{post.problem && say(post.problem)}</p>
        <p class="small">{t('refusedKept')}</p>
        <RemedyNote post={post} remedy={remedy} />
        <div class="cluster">
          {remedy && (
            <Button look="primary" busy={busy} onClick={async () => retry(await applyRemedy(session, post, remedy))}>
              {t(`remedy_${remedy}`)}
            </Button>
          )}
          <Button busy={busy} onClick={() => void retry(post)}>
            {t('remedyRetry')}
          </Button>
          <Button onClick={onEdit}>{t('remedyEdit')}</Button>
          <Button onClick={onSetAside}>{t('nextCustomer')}</Button>
        </div>
      </Banner>
    </div>
  )
}
