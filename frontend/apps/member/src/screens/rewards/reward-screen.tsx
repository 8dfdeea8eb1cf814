import { Banner, Button, Empty, IconGift, Skeleton, navigate } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type RewardFactsFragment, RewardReserveDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { Glyph } from '../../shell/glyph.tsx'
import { Failed, Page } from '../../shell/page.tsx'
import { problemText, refusalText } from '../../shell/problem.ts'
import { lowStock } from './rewards-screen.tsx'
import { useRewards } from './use-rewards.ts'
import './rewards.css'

/** One reward: what it is, what it costs, why it can or cannot be had now. */
export default function RewardScreen() {
  const { t } = useLocale()
  const [id] = useState(() => location.pathname.split('/')[2])
  const { value, error, reload } = useRewards()
  const reward = value?.rewards.nodes.find((one) => one.id === id)
  return (
    <Page title={reward?.name ?? t('rewards.title')} back="/rewards">
      {reward && <Detail reward={reward} reload={reload} />}
      {!value && (error ? <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} />)}
      {value && !reward && <Empty icon={IconGift} title={t('reward.gone')} />}
    </Page>
  )
}

function Detail({ reward, reload }: { reward: RewardFactsFragment; reload: () => Promise<void> }) {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const service = useService()
  const [problem, setProblem] = useState<string>()
  const [working, setWorking] = useState(false)
  // One key for one wish: pressing again after a lost answer reserves nothing twice.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID())
  const { eligibility } = reward
  const reserve = async () => {
    setWorking(true)
    setProblem(undefined)
    try {
      const { rewardReserve } = await service.client.request(RewardReserveDocument, { input: { rewardId: reward.id, idempotencyKey } })
      if (rewardReserve.member) service.know(rewardReserve.member)
      const [refusal] = rewardReserve.userErrors
      if (refusal || !rewardReserve.redemption) {
        setKey(crypto.randomUUID())
        setProblem(refusal ? refusalText(refusal, locale) : t('error.other'))
        return await reload()
      }
      navigate(`/rewards/code/${rewardReserve.redemption.id}`)
    } catch (error) {
      setProblem(problemText(error, locale))
    } finally {
      setWorking(false)
    }
  }
  return (
    <article class="stack">
      <div class="reward-hero">
        <Glyph name={reward.glyph} large />
        <p class="reward-hero-price">{points(reward.price)}</p>
      </div>
      <p dir="auto">{reward.description}</p>
      <Facts reward={reward} />
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      {eligibility?.eligible ? (
        <div class="stack stack-tight">
          <Button look="primary" size="large" wide busy={working} onClick={() => void reserve()}>
            {t('reward.reserve', { points: points(reward.price) })}
          </Button>
          <p class="quiet small">{t('reward.reserveHint')}</p>
        </div>
      ) : (
        <Banner>
          {eligibility?.reason && eligibility.reason !== 'NOT_ENOUGH_POINTS'
            ? refusalText({ code: eligibility.reason, message: eligibility.message ?? '' }, locale)
            : t('rewards.missing', { points: points(eligibility?.pointsMissing ?? reward.price) })}
        </Banner>
      )}
      {reward.terms && (
        <section class="stack stack-tight">
          <h2>{t('reward.terms')}</h2>
          <p class="quiet" dir="auto">{reward.terms}</p>
        </section>
      )}
    </article>
  )
}

function Facts({ reward }: { reward: RewardFactsFragment }) {
  const locale = useLocale()
  const { t } = locale
  const worth = reward.discount
    ? locale.money(reward.discount)
    : reward.percent !== null
      ? t('reward.percent', { percent: new Intl.NumberFormat(locale.language, { style: 'percent' }).format(reward.percent / 100) })
      : reward.product && t('reward.product', { product: reward.product.name })
  const notes = [
    reward.stock !== null && reward.stock <= lowStock && t('rewards.left', { n: reward.stock }),
    reward.perMemberLimit !== null && t('reward.limit', { n: reward.perMemberLimit }),
    reward.availableUntil && t('rewards.until', { day: locale.day(reward.availableUntil) }),
  ].filter((note) => !!note)
  return (
    <div class="cluster">
      {worth && <span class="tag tag-accent">{worth}</span>}
      {notes.map((note) => (
        <span key={note} class="tag">
          {note}
        </span>
      ))}
    </div>
  )
}
