import { Button, IconPlus, Skeleton } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type PersonRowFragment, StaffPeopleDocument } from '../generated/graphql.ts'
import { download, toCsv } from '../logic/csv.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import type { Key } from '../words/en.ts'
import { AddStaff } from './add.tsx'
import { Person } from './person.tsx'
import './staff.css'

/** Who may sign in here, and what for. */
export function StaffScreen() {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const [adding, setAdding] = useState(false)
  const { value: people, at, error, loading, reload, set } = useAsked('staff', async (signal) => (await desk.ask(StaffPeopleDocument, {}, signal)).staff?.people ?? [])
  const csv = () => download('staff.csv', toCsv(['id', 'name', 'email', 'roles', 'status', 'last_seen_at'], (people ?? []).map((one) => [one.id, one.name, one.email, one.roles.join(' '), one.status, one.lastSeenAt])))
  return (
    <div class="page">
      <Heading title={t('staff.title')}>
        <AsOf at={at} loading={loading} reload={reload} />
        <Button look="quiet" disabled={!people?.length} onClick={csv}>
          {t('export')}
        </Button>
        {!adding && desk.may('admin:staff') && (
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
      {people && <People people={people} onChanged={(person) => set(people.map((one) => (one.id === person.id ? person : one)))} />}
    </div>
  )
}

const statusTag = { ACTIVE: 'tag tag-good', INVITED: 'tag', DISABLED: 'tag tag-warn' } as const

function People({ people, onChanged }: { people: readonly PersonRowFragment[]; onChanged: (person: PersonRowFragment) => void }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { state } = desk
  const mayChange = desk.may('admin:staff')
  const [chosen, setChosen] = useState<string>()
  const person = people.find(({ id }) => id === chosen)
  return (
    <>
      {person && <Person key={`${person.id} ${person.status}`} mayChange={mayChange} person={person} onChanged={onChanged} onClose={() => setChosen(undefined)} />}
      <table class="table cards-table" aria-label={t('staff.list')}>
        <thead>
          <tr>
            <th scope="col">{t('staff.name')}</th>
            <th scope="col">{t('staff.email')}</th>
            <th scope="col">{t('staff.roles')}</th>
            <th scope="col">{t('staff.status')}</th>
            <th scope="col">{t('staff.seen')}</th>
            <th scope="col">
              <span class="visually-hidden">{t(mayChange ? 'staff.change' : 'staff.look')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ id, name, email, roles, status, lastSeenAt }) => (
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
              <td>
                <span class={statusTag[status]}>{t(`staff.${status}`)}</span>
              </td>
              <td>
                <span class="cell-label">{t('staff.seen')} </span>
                {lastSeenAt ? locale.dateTime(lastSeenAt) : t('never')}
              </td>
              <td class="row-action">
                {id === state.session?.identityId ? (
                  <span class="quiet small">{t('actor.you')}</span>
                ) : (
                  <Button look="quiet" aria-label={t(mayChange ? 'staff.changing' : 'staff.looking', { name })} aria-expanded={chosen === id} onClick={() => setChosen(chosen === id ? undefined : id)}>
                    {t(mayChange ? 'staff.change' : 'staff.look')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
