import { Button, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { DisableTillDocument, type TillRowFragment } from '../generated/graphql.ts'
import { Note, Submit } from '../member/actions/form.tsx'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'

/** Says what disabling means, and asks why. */
export function DisableTill({ till, onClose }: { till: TillRowFragment; onClose: (done: boolean) => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { tillId: till.id, reason: reason.trim() }
    await run(input, async () => {
      const { tillDisable } = await desk.ask(DisableTillDocument, { input })
      if (tillDisable.userErrors.length === 0) {
        toast(t('tills.disableDone', { name: till.name }))
        onClose(true)
      }
      return tillDisable.userErrors
    })
  }
  return (
    <form class="stack disable" onSubmit={submit} noValidate aria-label={t('tills.disableName', { name: till.name })}>
      <p>{t('tills.disableEffect', { name: till.name })}</p>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <Submit label={t('tills.disableDo')} busy={busy} look="danger-solid" problem={problems['']} />
      <Button look="quiet" onClick={() => onClose(false)}>
        {t('cancel')}
      </Button>
    </form>
  )
}
