import type { SaleFactsFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../session/context.ts'
import { Pairs } from './detail.tsx'
import { Why } from './why.tsx'

/** A sale as rung up, with what came back of it since. */
export function Sale({ sale, withWhy = true }: { sale: SaleFactsFragment; withWhy?: boolean }) {
  const locale = useLocale()
  const { t } = locale
  const returned = sale.lines.some(({ returnedQuantity }) => returnedQuantity > 0)
  return (
    <div class="detail">
      {withWhy && <Why explanation={sale.explanation} lines={sale.lines} />}
      <section class="stack stack-tight">
        <h4>{t('detail.lines')}</h4>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t('detail.item')}</th>
              <th scope="col" class="number">
                {t('detail.quantity')}
              </th>
              {returned && (
                <th scope="col" class="number">
                  {t('detail.returned')}
                </th>
              )}
              <th scope="col" class="number">
                {t('detail.amount')}
              </th>
              <th scope="col" class="number">
                {t('detail.points')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sale.lines.map((line) => (
              <tr key={line.id}>
                <td>
                  <bdi>{line.name}</bdi>
                </td>
                <td class="number">{locale.number(line.quantity)}</td>
                {returned && <td class="number">{line.returnedQuantity > 0 ? locale.number(line.returnedQuantity) : ''}</td>}
                <td class="number">{locale.money(line.amount)}</td>
                <td class="number">{line.earned === 0 ? '0' : locale.signed(line.earned)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={returned ? 3 : 2}>
                {t('detail.total')}
              </th>
              <td class="number">{locale.money(sale.total)}</td>
              <td class="number">{locale.signed(sale.earned)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <Pairs
        pairs={[
          [t('detail.receipt'), sale.receiptNumber],
          [t('detail.store'), [sale.store.name, sale.store.city].filter(Boolean).join(', ')],
          [t('detail.till'), <code>{sale.tillId}</code>],
          [t('detail.happened'), locale.dateTime(sale.occurredAt)],
          [t('detail.received'), locale.dateTime(sale.receivedAt)],
          [t('detail.status'), sale.deferred && t('detail.deferred')],
          [t('detail.returns'), sale.returns.map((one) => `${one.receiptNumber}, ${locale.day(one.occurredAt)}, ${locale.signed(-one.reversed)}`).join('; ')],
          [t('detail.purchase'), <code>{sale.id}</code>],
        ]}
      />
    </div>
  )
}
