import { Button, Empty, IconBarcode, IconPlus, Skeleton } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type TillRowFragment, TillsDocument } from '../generated/graphql.ts'
import { download, toCsv } from '../logic/csv.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import { DisableTill } from './disable.tsx'
import { PairTill } from './pair.tsx'
import './tills.css'

/** Every till of the programme: pairing a new one, disabling a lost one. */
export function TillsScreen() {
  const { t } = useLocale()
  const desk = useDesk()
  const { value: tills, at, error, loading, reload } = useAsked('tills', async (signal) => (await desk.ask(TillsDocument, {}, signal)).staff?.tills ?? [])
  const [pairing, setPairing] = useState(false)
  const csv = () =>
    download('tills.csv', toCsv(['id', 'name', 'store', 'status', 'paired_at', 'last_seen_at'], (tills ?? []).map((till) => [till.id, till.name, till.store.name, till.status, till.pairedAt, till.lastSeenAt])))
  return (
    <div class="page">
      <Heading title={t('tills.title')}>
        <AsOf at={at} loading={loading} reload={reload} />
        <Button look="quiet" disabled={!tills?.length} onClick={csv}>
          {t('export')}
        </Button>
        {!pairing && (
          <Button look="primary" onClick={() => setPairing(true)}>
            <IconPlus size={16} />
            {t('tills.new')}
          </Button>
        )}
      </Heading>
      <p class="quiet">{t('tills.intro')}</p>
      {pairing && (
        <PairTill
          onClose={() => {
            setPairing(false)
            reload()
          }}
        />
      )}
      {error !== undefined && <Failed error={error} reload={reload} />}
      {!tills && error === undefined && <Skeleton label={t('loading')} />}
      {tills?.length === 0 && (
        <Empty icon={IconBarcode} title={t('tills.empty')}>
          <p>{t('tills.emptyHint')}</p>
        </Empty>
      )}
      {tills && tills.length > 0 && <TillTable tills={tills} onChanged={reload} />}
    </div>
  )
}

function TillTable({ tills, onChanged }: { tills: readonly TillRowFragment[]; onChanged: () => void }) {
  const locale = useLocale()
  const { t } = locale
  const [disabling, setDisabling] = useState<string>()
  return (
    <table class="table cards-table" aria-label={t('tills.list')}>
      <thead>
        <tr>
          <th scope="col">{t('tills.column')}</th>
          <th scope="col">{t('tills.store')}</th>
          <th scope="col">{t('tills.status')}</th>
          <th scope="col">{t('tills.paired')}</th>
          <th scope="col">{t('tills.seen')}</th>
          <th scope="col">
            <span class="visually-hidden">{t('tills.disable')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tills.map((till) => {
          const active = till.status === 'active'
          return (
            <tr key={till.id}>
              <th scope="row">
                <bdi>{till.name}</bdi>
              </th>
              <td>
                <bdi>{[till.store.name, till.store.city].filter(Boolean).join(', ')}</bdi>
              </td>
              <td>
                <span class={active ? 'tag tag-good' : 'tag'}>{t(active ? 'tills.active' : 'tills.disabled')}</span>
              </td>
              <td>
                <span class="cell-label">{t('tills.paired')} </span>
                {till.pairedAt ? locale.dateTime(till.pairedAt) : t('never')}
              </td>
              <td>
                <span class="cell-label">{t('tills.seen')} </span>
                {till.lastSeenAt ? locale.dateTime(till.lastSeenAt) : t('never')}
              </td>
              <td class={disabling === till.id ? 'row-form' : 'row-action'}>
                {active && disabling !== till.id && (
                  <Button look="quiet" aria-label={t('tills.disableName', { name: till.name })} onClick={() => setDisabling(till.id)}>
                    {t('tills.disable')}
                  </Button>
                )}
                {disabling === till.id && (
                  <DisableTill
                    till={till}
                    onClose={(done) => {
                      setDisabling(undefined)
                      if (done) onChanged()
                    }}
                  />
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
