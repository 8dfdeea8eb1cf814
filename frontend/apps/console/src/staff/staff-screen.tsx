import { Button, IconPlus, Skeleton } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { StaffPeopleDocument } from '../generated/graphql.ts'
import { download, toCsv } from '../logic/csv.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import type { Key } from '../words/en.ts'
import { AddStaff } from './add.tsx'
import './staff.css'

/** Who may sign in here, and what for. */
export function StaffScreen() {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const [adding, setAdding] = useState(false)
  const { value: people, at, error, loading, reload } = useAsked('staff', async (signal) => (await desk.ask(StaffPeopleDocument, {}, signal)).staff?.people ?? [])
  const csv = () => download('staff.csv', toCsv(['id', 'name', 'email', 'roles', 'last_seen_at'], (people ?? []).map((one) => [one.id, one.name, one.email, one.roles.join(' '), one.lastSeenAt])))
  return (
    <div class="page">
      <Heading title={t('staff.title')}>
        <AsOf at={at} loading={loading} reload={reload} />
        <Button look="quiet" disabled={!people?.length} onClick={csv}>
          {t('export')}
        </Button>
        {!adding && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <IconPlus size={16} />
            {t('staff.new')}
          </Button>
        )}
      </Heading>
      <p class="quiet">{t('staff.intro')}</p>
      {adding && (
        <AddStaff
          onClose={(added) => {
            setAdding(false)
            if (added) reload()
          }}
        />
      )}
      {error !== undefined && <Failed error={error} reload={reload} />}
      {!people && error === undefined && <Skeleton label={t('loading')} />}
      {people && (
        <div class="scroll" role="group" aria-label={t('staff.list')} tabIndex={0}>
          <table class="table wide-table" aria-label={t('staff.list')}>
            <thead>
              <tr>
                <th scope="col">{t('staff.name')}</th>
                <th scope="col">{t('staff.email')}</th>
                <th scope="col">{t('staff.roles')}</th>
                <th scope="col">{t('staff.seen')}</th>
              </tr>
            </thead>
            <tbody>
              {people.map(({ id, name, email, roles, lastSeenAt }) => (
                <tr key={id}>
                  <th scope="row">
                    <bdi>{name}</bdi>
                  </th>
                  <td>
                    <bdi dir="ltr">{email}</bdi>
                  </td>
                  <td>
                    <span class="cluster tags">
                      {roles.map((role) => (
                        <span key={role} class="tag">
                          {t(`role.${role}` as Key)}
                        </span>
                      ))}
                    </span>
                  </td>
                  <td>{lastSeenAt ? locale.dateTime(lastSeenAt) : t('never')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
