import { Banner, Button, Empty, IconCheck } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { remedyFor, type QueuedPost } from '../queue/post.ts'
import { toDecimal } from '../sale/money.ts'
import { useProblems, useQueue, useTill } from '../session/context.ts'
import { applyRemedy } from '../session/remedies.ts'
import { RemedyNote } from './remedy-note.tsx'

/** Everything that the service has not confirmed: what waits, what needs somebody to decide, what was set aside. */
export function QueueScreen() {
  const { session, locale } = useTill()
  const { t } = locale
  const posts = useQueue(session)
  const of = (state: QueuedPost['state']) => posts.filter((post) => post.state === state)
  const waiting = of('waiting')
  return (
    <main class="page">
      <h2>{t('queueTitle')}</h2>
      {posts.length === 0 ? (
        <Empty icon={IconCheck} title={t('queueNone')}>
          <p class="quiet">{t('queueNoneDetail')}</p>
        </Empty>
      ) : (
        <p class="quiet">{t('queueIntro')}</p>
      )}
      <PostList title={t('queueConflict')} posts={of('conflict')} />
      <PostList title={t('queueWaiting')} posts={waiting} />
      {waiting.length > 0 && (
        <Button size="large" onClick={() => void session.checkLine()}>
          {t('queueSendNow')}
        </Button>
      )}
      <PostList title={t('queueSetAside')} posts={of('setAside')} />
    </main>
  )
}

function PostList({ title, posts }: { title: string; posts: readonly QueuedPost[] }) {
  if (posts.length === 0) return null
  return (
    <section class="stack stack-tight" aria-label={title}>
      <h3>{title}</h3>
      <ul class="rows">
        {posts.map((post) => (
          <PostRow key={post.id} post={post} />
        ))}
      </ul>
    </section>
  )
}

function PostRow({ post }: { post: QueuedPost }) {
  const { locale } = useTill()
  const { t } = locale
  const number = post.input.receiptNumber
  const withCard = post.kind === 'sale' && (post.input.identification || post.input.deferredScan)
  const details = [
    locale.dateTime(post.madeAtMs),
    withCard && t('queueWithCard'),
    post.attempts > 0 && t('queueTries', { n: post.attempts }),
  ]
  return (
    <li>
      <div class="row">
        <span class="row-main">
          <span class="row-title">{t(post.kind === 'sale' ? 'queueSale' : 'queueReturn', { number })}</span>
          <br />
          <span class="row-detail">{details.filter(Boolean).join(' · ')}</span>
        </span>
        <span class="row-end">
          {locale.money({ amount: toDecimal(post.total, post.currency), currencyCode: post.currency })}
        </span>
      </div>
      {post.state !== 'waiting' && <Decision post={post} />}
    </li>
  )
}

/** Why a post was refused, and what can be done with it. */
function Decision({ post }: { post: QueuedPost }) {
  const { session, locale } = useTill()
  const { t } = locale
  const say = useProblems()
  const [busy, setBusy] = useState(false)
  const remedy = remedyFor(post)
  const retry = async (changed: Promise<QueuedPost> | QueuedPost) => {
    setBusy(true)
    try {
      await session.queue.retry(await changed)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div class="decision">
      <Banner tone="bad">{post.problem && say(post.problem)}</Banner>
      <RemedyNote post={post} remedy={remedy} />
      <div class="cluster">
        {remedy && (
          <Button look="primary" busy={busy} onClick={() => void retry(applyRemedy(session, post, remedy))}>
            {t(`remedy_${remedy}`)}
          </Button>
        )}
        <Button busy={busy} onClick={() => void retry(post)}>
          {t('remedyRetry')}
        </Button>
        {post.state === 'conflict' && (
          <Button onClick={() => void session.queue.setAside(post)}>{t('remedySetAside')}</Button>
        )}
      </div>
    </div>
  )
}
