import { useLocale } from '../../session/context.ts'
import { Pairs, type ReturnFact } from './detail.tsx'

/** What came back of a sale, and the points with it. */
export function ReturnFacts({ returned }: { returned: ReturnFact }) {
  const locale = useLocale()
  const { t } = locale
  return (
    <div class="detail">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t('detail.item')}</th>
            <th scope="col" class="number">
              {t('detail.returned')}
            </th>
            <th scope="col" class="number">
              {t('detail.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {returned.lines.map(({ line, quantity, amount }) => (
            <tr key={line.id}>
              <td>
                <bdi>{line.name}</bdi>
              </td>
              <td class="number">{locale.number(quantity)}</td>
              <td class="number">{locale.money(amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pairs
        pairs={[
          [t('detail.takenBack'), locale.number(returned.reversed)],
          [t('detail.receipt'), returned.receiptNumber],
          [t('detail.purchase'), `${returned.purchase.receiptNumber} (${returned.purchase.id})`],
          [t('detail.happened'), locale.dateTime(returned.occurredAt)],
          [t('detail.return'), <code>{returned.id}</code>],
        ]}
      />
    </div>
  )
}
