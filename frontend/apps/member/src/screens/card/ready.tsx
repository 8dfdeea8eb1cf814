import { IconClock, IconNext, Row } from '@stampbook/ui'
import { useLocale } from '../../i18n/index.ts'
import { useMember } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { Glyph } from '../../shell/glyph.tsx'

/** Below the card: what was reserved, and what could be had now, one line each. */
export function Ready() {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { redemptions, rewards, balance } = useMember()
  const affordable = rewards.nodes.filter(({ eligibility }) => eligibility?.eligible).slice(0, 3)
  const prices = rewards.nodes.map(({ price }) => price - balance.active).filter((missing) => missing > 0)
  const nothing = redemptions.nodes.length === 0 && affordable.length === 0
  return (
    <section class="stack stack-tight" aria-labelledby="ready">
      <div class="cluster between">
        <h2 id="ready">{t('card.ready')}</h2>
        <a href="/rewards">{t('card.allRewards')}</a>
      </div>
      {nothing ? (
        prices.length > 0 && <p class="quiet">{t('card.readyNone', { points: points(Math.min(...prices)) })}</p>
      ) : (
        <ul class="rows">
          {redemptions.nodes.map(({ id, reward }) => (
            <Row key={id} href={`/rewards/code/${id}`} start={<Glyph name={reward.glyph} />} title={reward.name} detail={t('card.readyCode')} end={<IconClock />} />
          ))}
          {affordable.map(({ id, name, price, glyph }) => (
            <Row
              key={id}
              href={`/rewards/${id}`}
              start={<Glyph name={glyph} />}
              title={name}
              detail={points(price)}
              end={
                <span class="flip quiet">
                  <IconNext size={18} />
                </span>
              }
            />
          ))}
        </ul>
      )}
    </section>
  )
}
