import { Button, Field, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { AddStaffDocument } from '../generated/graphql.ts'
import { Submit, focusFirst } from '../member/actions/form.tsx'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { type Role, RoleChoice } from './role-choice.tsx'

/** A name, an address and what for; the person signs in with a code. */
export function AddStaff({ onClose }: { onClose: (added: boolean) => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [chosen, setChosen] = useState<readonly Role[]>([])
  const { busy, problems, refuse, run } = useAction('name', 'email', 'roles')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return refuse({ name: t('staff.nameMissing') })
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(email.trim())) return refuse({ email: t('staff.emailMissing') })
    if (chosen.length === 0) return refuse({ roles: t('staff.rolesMissing') })
    const input = { name: name.trim(), email: email.trim(), roles: [...chosen] }
    await run(input, async () => {
      const { staffAdd } = await desk.ask(AddStaffDocument, { input })
      if (staffAdd.staff) {
        toast(t('staff.added', { name: staffAdd.staff.name }))
        onClose(true)
      }
      return staffAdd.userErrors
    })
  }
  return (
    <form class="panel" onSubmit={submit} noValidate aria-label={t('staff.new')}>
      <h2>{t('staff.new')}</h2>
      <div class="add-fields">
        <Field label={t('staff.name')} inputRef={focusFirst} autocomplete="off" maxLength={100} value={name} onValue={setName} error={problems.name} />
        <Field label={t('staff.email')} type="email" autocomplete="off" value={email} onValue={setEmail} error={problems.email} spellcheck={false} />
      </div>
      <RoleChoice chosen={chosen} onChosen={setChosen} error={problems.roles} />
      <div class="cluster form-buttons">
        <Submit label={t('staff.add')} busy={busy} problem={problems['']} />
        <Button look="quiet" onClick={() => onClose(false)}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
