import type { SnapshotFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'

/** What the balance does not say: what is on the way, what is held, what runs out. Only what there is. */
export function Facts({ balance }: { balance: SnapshotFragment['balance'] }) {
  const locale = useLocale()
  const { t } = locale
  const [activation] = balance.pendingActivations
  const facts = [
    balance.deficit > 0 && { key: 'deficit', points: balance.deficit, label: t('facts.deficit'), hint: t('facts.deficitHint') },
    balance.pending > 0 && {
      key: 'pending', points: balance.pending, label: t('facts.pending'),
      hint: activation?.at ? t('facts.pendingOn', { day: locale.day(activation.at) }) : t('facts.pendingSoon'),
    },
    balance.nextExpiration && {
      key: 'expiring', points: balance.nextExpiration.points, label: t('facts.expiring'),
      hint: t('facts.expiringOn', { day: locale.day(balance.nextExpiration.at) }),
    },
    balance.reserved > 0 && { key: 'reserved', points: balance.reserved, label: t('facts.reserved'), hint: t('facts.reservedHint') },
  ].filter((fact) => !!fact)
  if (facts.length === 0) return null
  return (
    <dl class="facts" aria-label={t('facts.label')}>
      {facts.map(({ key, points, label, hint }) => (
        <div key={key} class={`fact fact-${key}`}>
          <dt>{label}</dt>
          <dd>
            <span class="fact-number">{locale.number(points)}</span>
            <span class="fact-hint">{hint}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}
