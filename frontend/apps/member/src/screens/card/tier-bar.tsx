import { Progress } from '@stampbook/ui'
import type { SnapshotFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { usePoints } from '../../shell/points.ts'

/** How far through this tier: from its own threshold to the next one's. */
export function tierShare({ tier, nextTier, qualifyingPoints }: SnapshotFragment['standing']): number {
  if (!nextTier) return 1
  const span = nextTier.threshold - tier.threshold
  return span > 0 ? Math.min(1, Math.max(0, (qualifyingPoints - tier.threshold) / span)) : 1
}

export function TierBar({ standing }: { standing: SnapshotFragment['standing'] }) {
  const locale = useLocale()
  const points = usePoints()
  const { tier, nextTier, pointsToNext, qualifyingPoints, periodEnd, guaranteedUntil } = standing
  const day = locale.calendarDay(periodEnd)
  const words = nextTier
    ? locale.t('tier.toNext', { points: points(pointsToNext ?? 0), tier: nextTier.name, day })
    : locale.t('tier.top', { day: locale.calendarDay(guaranteedUntil ?? periodEnd) })
  return (
    <div class="tier">
      {nextTier && (
        <Progress
          share={tierShare(standing)}
          label={locale.t('tier.progress', { tier: nextTier.name })}
          text={locale.t('tier.of', { have: qualifyingPoints, need: nextTier.threshold })}
        />
      )}
      <p class="small quiet">{words}</p>
      {nextTier && guaranteedUntil && <p class="small quiet">{locale.t('tier.kept', { tier: tier.name, day: locale.calendarDay(guaranteedUntil) })}</p>}
    </div>
  )
}
