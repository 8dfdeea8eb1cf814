import { Button, Field, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { MemberUpdateDocument, type ProfileFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'
import { problemText, refusalText } from '../../shell/problem.ts'
import { useDraft } from '../../shell/step-up.ts'

export function ProfileForm({ profile, onSaved }: { profile: ProfileFragment; onSaved: (profile: ProfileFragment) => void }) {
  const locale = useLocale()
  const { t } = locale
  const service = useService()
  const [name, setName] = useDraft('name', profile.displayName)
  const [birthday, setBirthday] = useDraft('birthday', profile.birthday ?? '')
  const [problem, setProblem] = useState<{ field: string; text: string }>()
  const [working, setWorking] = useState(false)
  const changed = name !== profile.displayName || birthday !== (profile.birthday ?? '')
  const save = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setProblem({ field: 'displayName', text: t('join.nameInvalid') })
    setWorking(true)
    setProblem(undefined)
    try {
      const { memberUpdate } = await service.client.request(MemberUpdateDocument, { input: { displayName: name.trim(), birthday: birthday || null } })
      const [refusal] = memberUpdate.userErrors
      if (refusal) setProblem({ field: refusal.field?.at(-1) ?? 'displayName', text: refusalText(refusal, locale) })
      else if (memberUpdate.member) {
        service.know(memberUpdate.member)
        onSaved(memberUpdate.member)
        toast(t('saved'))
      }
    } catch (error) {
      setProblem({ field: 'displayName', text: problemText(error, locale) })
    } finally {
      setWorking(false)
    }
  }
  const errorOf = (field: string) => (problem?.field === field ? problem.text : undefined)
  return (
    <form class="panel" onSubmit={save} noValidate aria-label={t('you.profile')}>
      <Field label={t('you.name')} name="name" autocomplete="name" value={name} onValue={setName} hint={t('you.nameHint')} error={errorOf('displayName')} maxLength={80} />
      <Field label={t('you.birthday')} name="bday" type="date" autocomplete="bday" value={birthday} onValue={setBirthday} hint={t('you.birthdayHint')} error={errorOf('birthday')} />
      <Button type="submit" look="primary" busy={working} disabled={!changed}>
        {t('save')}
      </Button>
    </form>
  )
}
