import type { EventRowFragment, MemberFactsFragment, EntryKind } from '../../generated/graphql.ts'
import { useDesk, useLocale } from '../../session/context.ts'
import { memberPath } from '../../search/hit.tsx'
import { ReverseAction } from '../actions/reverse.tsx'
import { accountOf } from '../event-words.ts'
import { type Entry, Pairs, Who } from './detail.tsx'
import { Sale } from './sale.tsx'
import { Why } from './why.tsx'

/** What the ledger can take back; it has the last word. */
const reversible: ReadonlySet<EntryKind> = new Set(['EARN', 'EARN_PENDING', 'ADJUST', 'MIGRATE', 'CAPTURE', 'REDEEM'])

interface EntryFactsProps {
  entry: Entry
  event: EventRowFragment
  member: MemberFactsFragment
  onChanged: (member?: MemberFactsFragment) => void
}

/** A ledger entry: why, which lots, who, and its proof. */
export function EntryFacts({ entry, event, member, onChanged }: EntryFactsProps) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const account = accountOf(entry.id)
  const elsewhere = account !== member.id
  const mayReverse = desk.may('support:adjust') && reversible.has(entry.kind) && event.kind === 'POINTS' && member.status !== 'MERGED' && !elsewhere
  return (
    <div class="detail">
      <Why explanation={entry.explanation} lines={entry.purchase?.lines} />
      {entry.purchase && <Sale sale={entry.purchase} withWhy={false} />}
      {entry.lots.length > 0 && (
        <section class="stack stack-tight">
          <h4>{t('detail.lots')}</h4>
          <table class="table lots">
            <thead>
              <tr>
                <th scope="col">{t('detail.lot')}</th>
                <th scope="col">{t('detail.place')}</th>
                <th scope="col">{t('detail.expires')}</th>
                <th scope="col" class="number">
                  {t('detail.points')}
                </th>
              </tr>
            </thead>
            <tbody>
              {entry.lots.map(({ lotId, place, points, expiresAt }) => (
                <tr key={`${lotId} ${place}`}>
                  <td>
                    <code class="clip" title={lotId}>
                      {lotId}
                    </code>
                  </td>
                  <td>{t(`place.${place}`)}</td>
                  <td>{expiresAt ? locale.day(expiresAt) : t('never')}</td>
                  <td class="number">{locale.signed(points)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Pairs
        pairs={[
          [t('detail.who'), <Who event={event} member={member} />],
          [t('detail.happened'), locale.dateTime(entry.occurredAt)],
          [t('detail.posted'), locale.dateTime(entry.postedAt)],
          [t('detail.balanceAfter'), locale.number(entry.balanceAfter)],
          [t('detail.operation'), <code>{entry.id}</code>],
          [t('detail.membership'), elsewhere && <a href={memberPath(account)}>{account}</a>],
          [t('detail.hash'), <code class="hash">{entry.hash}</code>],
        ]}
      />
      {mayReverse && <ReverseAction entry={entry} memberId={member.id} onChanged={onChanged} />}
    </div>
  )
}
