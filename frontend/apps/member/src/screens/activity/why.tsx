import { useEffect, useState } from 'preact/hooks'
import { type EntryFragment, ReceiptDocument, type ReceiptQuery } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'

/** The rule in words, what counted and what did not and why, limits, rounding; then the receipt's lines. */
export function Why({ entry }: { entry: EntryFragment }) {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { summary, parts } = entry.explanation
  return (
    <div class="why stack">
      {summary && <p dir="auto">{summary}</p>}
      {parts.length > 0 && (
        <ul class="parts">
          {parts.map(({ kind, text, points: counted }, at) => (
            <li key={at} class={`part part-${kind.toLowerCase()}`}>
              <span class="part-kind">{t(`part.${kind}`)}</span>
              <bdi class="part-text">{text}</bdi>
              {counted !== null && <span class="part-points">{locale.signed(counted)}</span>}
            </li>
          ))}
        </ul>
      )}
      {entry.purchase && <Receipt id={entry.purchase.id} />}
      <p class="quiet small">{t('activity.after', { points: points(entry.balanceAfter) })}</p>
    </div>
  )
}

type Purchase = Extract<NonNullable<ReceiptQuery['node']>, { receiptNumber: string }>

function Receipt({ id }: { id: string }) {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { client, store } = useService()
  const [purchase, setPurchase] = useState<Purchase | 'unknown'>()
  useEffect(() => {
    const key = `receipt ${id}`
    void store.get<Purchase>(key).then((kept) => kept && setPurchase((now) => now ?? kept.value))
    client.request(ReceiptDocument, { id }).then(
      ({ node }) => {
        if (!node || !('lines' in node)) return
        setPurchase(node as Purchase)
        void store.set(key, node)
      },
      () => setPurchase((now) => now ?? 'unknown'),
    )
  }, [id])
  if (purchase === 'unknown') return <p class="quiet small">{t('activity.detailsOffline')}</p>
  return (
    <section class="stack stack-tight" aria-label={t('activity.details')}>
      <h3 class="small">{purchase ? t('activity.receipt', { number: `\u2068${purchase.receiptNumber}\u2069` }) : t('activity.details')}</h3>
      {purchase ? (
        <ul class="lines">
          {purchase.lines.map(({ id: line, name, quantity, returnedQuantity, earned, amount }) => (
            <li key={line} class={earned > 0 ? 'line' : 'line line-none'}>
              <bdi class="line-name">{quantity === 1 ? name : t('activity.line', { quantity, name })}{returnedQuantity > 0 && ` (${t('activity.returned')})`}</bdi>
              <span>{locale.money(amount)}</span>
              <span class="line-points">{locale.signed(earned)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <div class="skeleton skeleton-block" />
      )}
      {purchase?.paidWithPoints && (
        <p class="small">{t('activity.paidWithPoints', { points: points(purchase.paidWithPoints.points), amount: locale.money(purchase.paidWithPoints.amount) })}</p>
      )}
    </section>
  )
}
