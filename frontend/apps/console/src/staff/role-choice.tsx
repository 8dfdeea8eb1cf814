import { Check } from '@stampbook/ui'
import { useLocale } from '../session/context.ts'

const roles = ['agent', 'agent_lead', 'store_manager', 'manager', 'auditor', 'admin', 'cashier'] as const
export type Role = (typeof roles)[number]

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)

interface RoleChoiceProps {
  chosen: readonly Role[]
  onChosen: (chosen: readonly Role[]) => void
  error: string | undefined
}

/** Any of the roles, each with what it is for. */
export function RoleChoice({ chosen, onChosen, error }: RoleChoiceProps) {
  const { t } = useLocale()
  return (
    <fieldset class="roles">
      <legend class="field-label">{t('staff.roles')}</legend>
      {roles.map((role) => (
        <Check key={role} checked={chosen.includes(role)} onChecked={(checked) => onChosen(checked ? [...chosen, role] : chosen.filter((one) => one !== role))}>
          {t(`role.${role}`)}
          <span class="role-what">{t(`role.${role}.what`)}</span>
        </Check>
      ))}
      {error && (
        <p class="bad" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}
