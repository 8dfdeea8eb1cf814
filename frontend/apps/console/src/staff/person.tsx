import { Button, Confirm, IconKey, toast } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { DisableStaffDocument, EnableStaffDocument, type PersonRowFragment, RemoveStaffPasskeyDocument, SetRolesDocument, StaffEventsDocument } from '../generated/graphql.ts'
import { Events } from '../me/events.tsx'
import { Note, Submit } from '../member/actions/form.tsx'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { Failed } from '../shell/states.tsx'
import { RoleChoice, isRole } from './role-choice.tsx'

interface PersonProps {
  /** Whether whoever looks may change anything. */
  mayChange: boolean
  person: PersonRowFragment
  onChanged: (person: PersonRowFragment) => void
  onClose: () => void
}

/** Somebody of the staff: what an administrator may do (roles, lost passkeys, signing in), and what happened to the account. */
export function Person({ mayChange, person, onChanged, onClose }: PersonProps) {
  const { t } = useLocale()
  const disabled = person.status === 'DISABLED'
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const desk = useDesk()
  const { value: events, error, reload } = useAsked(`events ${person.id} ${person.roles.join(' ')}`, async (signal) => (await desk.ask(StaffEventsDocument, { id: person.id }, signal)).staff?.person?.securityEvents.nodes ?? [])
  const passkeys = person.signInMethods.filter(({ kind }) => kind === 'PASSKEY')
  return (
    <section class="person panel" aria-label={t(mayChange ? 'staff.changing' : 'staff.looking', { name: person.name })}>
      <div class="cluster between">
        <h2 ref={heading} tabIndex={-1}>
          <bdi>{person.name}</bdi>
        </h2>
        <Button look="quiet" onClick={onClose}>
          {t('close')}
        </Button>
      </div>
      {mayChange && (
        <>
          {!disabled && <Roles person={person} onChanged={onChanged} />}
          {passkeys.length > 0 && <Passkeys person={person} passkeys={passkeys} onChanged={onChanged} />}
          {disabled ? <Enable person={person} onChanged={onChanged} /> : <Disable person={person} onChanged={onChanged} />}
        </>
      )}
      {error !== undefined && <Failed error={error} reload={reload} />}
      <Events events={events ?? []} />
    </section>
  )
}

type Part = Pick<PersonProps, 'person' | 'onChanged'>

function Roles({ person, onChanged }: Part) {
  const { t } = useLocale()
  const desk = useDesk()
  const [chosen, setChosen] = useState(person.roles.filter(isRole))
  const { busy, problems, refuse, run } = useAction('roles')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (chosen.length === 0) return refuse({ roles: t('staff.rolesMissing') })
    const input = { staffId: person.id, roles: [...chosen] }
    await run(input, async () => {
      const { staffRolesSet } = await desk.ask(SetRolesDocument, { input })
      if (staffRolesSet.staff) {
        toast(t('staff.rolesDone', { name: person.name }))
        onChanged(staffRolesSet.staff)
      }
      return staffRolesSet.userErrors
    })
  }
  return (
    <form class="stack" onSubmit={submit} noValidate aria-label={t('staff.roles')}>
      <RoleChoice chosen={chosen} onChosen={(now) => setChosen([...now])} error={problems.roles} />
      <p class="quiet small">{t('staff.rolesEffect')}</p>
      <div class="cluster form-buttons">
        <Submit label={t('staff.rolesSave')} busy={busy} problem={problems['']} />
      </div>
    </form>
  )
}

function Passkeys({ person, passkeys, onChanged }: Part & { passkeys: PersonRowFragment['signInMethods'] }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { problems, run } = useAction()
  const remove = async (methodId: string) => {
    const input = { staffId: person.id, methodId }
    await run(input, async () => {
      const { staffPasskeyRemove } = await desk.ask(RemoveStaffPasskeyDocument, { input })
      if (staffPasskeyRemove.staff) {
        toast(t('staff.passkeyGone'))
        onChanged(staffPasskeyRemove.staff)
      }
      return staffPasskeyRemove.userErrors
    })
  }
  return (
    <section class="stack stack-tight" aria-labelledby="person-passkeys">
      <h3 id="person-passkeys">{t('me.passkeys')}</h3>
      {problems[''] && (
        <p class="bad" role="alert">
          {problems['']}
        </p>
      )}
      <ul class="methods">
        {passkeys.map(({ id, label, lastUsedAt }) => (
          <li key={id}>
            <IconKey size={18} />
            <span class="method-main">
              <bdi>{label}</bdi>
              {lastUsedAt && <span class="quiet small"> {t('member.sessionSeen', { when: locale.dateTime(lastUsedAt) })}</span>}
            </span>
            <Confirm label={t('me.remove')} look="quiet" question={t('staff.passkeyEffect', { name: person.name })} yes={t('me.remove')} no={t('cancel')} onYes={() => remove(id)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Disable({ person, onChanged }: Part) {
  const { t } = useLocale()
  const desk = useDesk()
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { staffId: person.id, reason: reason.trim() }
    await run(input, async () => {
      const { staffDisable } = await desk.ask(DisableStaffDocument, { input })
      if (staffDisable.staff) {
        toast(t('staff.disableDone', { name: person.name }))
        onChanged(staffDisable.staff)
      }
      return staffDisable.userErrors
    })
  }
  return (
    <form class="stack person-part" onSubmit={submit} noValidate aria-label={t('staff.disable', { name: person.name })}>
      <h3>{t('staff.disableTitle')}</h3>
      <p>{t('staff.disableEffect', { name: person.name })}</p>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <div class="cluster form-buttons">
        <Submit label={t('staff.disable', { name: person.name })} look="danger-solid" busy={busy} problem={problems['']} />
      </div>
    </form>
  )
}

function Enable({ person, onChanged }: Part) {
  const { t } = useLocale()
  const desk = useDesk()
  const { busy, problems, run } = useAction()
  const submit = async (event: Event) => {
    event.preventDefault()
    const input = { staffId: person.id }
    await run(input, async () => {
      const { staffEnable } = await desk.ask(EnableStaffDocument, { input })
      if (staffEnable.staff) {
        toast(t('staff.enableDone', { name: person.name }))
        onChanged(staffEnable.staff)
      }
      return staffEnable.userErrors
    })
  }
  return (
    <form class="stack person-part" onSubmit={submit} noValidate aria-label={t('staff.enable', { name: person.name })}>
      <p>{t('staff.enableEffect', { name: person.name })}</p>
      <div class="cluster form-buttons">
        <Submit label={t('staff.enable', { name: person.name })} busy={busy} problem={problems['']} />
      </div>
    </form>
  )
}
