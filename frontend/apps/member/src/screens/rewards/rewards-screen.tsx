import { Empty, IconGift, Row, Skeleton } from '@stampbook/ui'
import type { RewardFactsFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useMember } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { Glyph } from '../../shell/glyph.tsx'
import { Failed, Page } from '../../shell/page.tsx'
import { refusalText } from '../../shell/problem.ts'
import { TimeLeft } from './time-left.tsx'
import { shelve } from './sort.ts'
import { useRewards } from './use-rewards.ts'
import './rewards.css'

export default function RewardsScreen() {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { balance, redemptions } = useMember()
  const { value, error, reload } = useRewards()
  const shelves = value && shelve(value.rewards.nodes)
  return (
    <Page title={t('rewards.title')}>
      <p class="quiet">{t('rewards.balance', { points: points(balance.active) })}</p>
      {redemptions.nodes.length > 0 && (
        <section class="stack stack-tight" aria-labelledby="reserved">
          <h2 id="reserved">{t('rewards.reserved')}</h2>
          <ul class="rows">
            {redemptions.nodes.map(({ id, reward, reservedUntil }) => (
              <Row key={id} href={`/rewards/code/${id}`} start={<Glyph name={reward.glyph} />} title={reward.name} detail={<TimeLeft until={reservedUntil} />} end={<span class="link">{t('claim.view')}</span>} />
            ))}
          </ul>
        </section>
      )}
      {!shelves && (error ? <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} blocks={4} />)}
      {shelves && value.rewards.nodes.length === 0 && (
        <Empty icon={IconGift} title={t('rewards.empty')}>
          <p class="quiet">{t('rewards.emptyHint')}</p>
        </Empty>
      )}
      {shelves && (
        <>
          <Shelf title={t('rewards.now')} rewards={shelves.now} />
          <Shelf title={t('rewards.nearly')} rewards={shelves.nearly} />
          <Shelf title={t('rewards.rest')} rewards={shelves.rest} />
        </>
      )}
      {value && value.redemptions.nodes.length > 0 && (
        <section class="stack stack-tight" aria-labelledby="used">
          <h2 id="used">{t('claim.history')}</h2>
          <ul class="rows">
            {value.redemptions.nodes.map(({ id, reward, confirmedAt, points: price }) => (
              <Row key={id} href={`/rewards/code/${id}`} start={<Glyph name={reward.glyph} />} title={reward.name} detail={confirmedAt && locale.day(confirmedAt)} end={locale.signed(-price)} />
            ))}
          </ul>
        </section>
      )}
    </Page>
  )
}

function Shelf({ title, rewards }: { title: string; rewards: RewardFactsFragment[] }) {
  if (rewards.length === 0) return null
  return (
    <section class="stack stack-tight" aria-label={title}>
      <h2>{title}</h2>
      <ul class="shelf">
        {rewards.map((reward) => (
          <RewardCard key={reward.id} reward={reward} />
        ))}
      </ul>
    </section>
  )
}

/** Stock is worth a word when it may be gone tomorrow. */
export const lowStock = 10

function RewardCard({ reward }: { reward: RewardFactsFragment }) {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { eligibility, stock, price } = reward
  return (
    <li>
      <a class={eligibility?.eligible ? 'reward reward-ready' : 'reward'} href={`/rewards/${reward.id}`}>
        <Glyph name={reward.glyph} />
        <span class="reward-name">
          <bdi>{reward.name}</bdi>
        </span>
        <span class="reward-price">{points(price)}</span>
        <span class="reward-notes">
          {eligibility && !eligibility.eligible && (
            <span class="reward-why">
              {eligibility.reason === 'NOT_ENOUGH_POINTS' ? t('rewards.missing', { points: points(eligibility.pointsMissing ?? 0) }) : refusalText({ code: eligibility.reason ?? '', message: eligibility.message ?? '' }, locale)}
            </span>
          )}
          {stock !== null && stock > 0 && stock <= lowStock && <span class="tag tag-warn">{t('rewards.left', { n: stock })}</span>}
          {reward.availableUntil && <span class="tag">{t('rewards.until', { day: locale.day(reward.availableUntil) })}</span>}
        </span>
        {eligibility?.reason === 'NOT_ENOUGH_POINTS' && <Near price={price} missing={eligibility.pointsMissing ?? price} />}
      </a>
    </li>
  )
}

/** How close: the words beside it say the same. */
function Near({ price, missing }: { price: number; missing: number }) {
  return (
    <span class="progress" aria-hidden="true">
      <span style={{ inlineSize: `${Math.round((1 - missing / price) * 100)}%` }} />
    </span>
  )
}
