import { useLocale } from '../../session/context.ts'
import { Pairs, type RedemptionFact } from './detail.tsx'

/** A reward from its reservation to the till. */
export function RedemptionFacts({ redemption }: { redemption: RedemptionFact }) {
  const locale = useLocale()
  const { t } = locale
  return (
    <div class="detail">
      <p dir="auto">{redemption.reward.description}</p>
      <Pairs
        pairs={[
          [t('detail.status'), t(`redemption.${redemption.status}`)],
          [t('detail.points'), locale.number(redemption.points)],
          [t('detail.code'), <code>{redemption.code}</code>],
          [t('detail.happened'), locale.dateTime(redemption.reservedAt)],
          [t('detail.until'), redemption.status === 'RESERVED' && locale.dateTime(redemption.reservedUntil)],
          [t('detail.handedOver'), redemption.confirmedAt && locale.dateTime(redemption.confirmedAt)],
          [t('detail.purchase'), redemption.purchase && `${redemption.purchase.receiptNumber} (${redemption.purchase.id})`],
          [t('detail.redemption'), <code>{redemption.id}</code>],
        ]}
      />
    </div>
  )
}
