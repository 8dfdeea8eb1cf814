import { toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { UnmergeMembersDocument } from '../../generated/graphql.ts'
import { useDesk, useLocale } from '../../session/context.ts'
import { Note, Submit } from './form.tsx'
import { useAction } from './use-action.ts'

/** Gives a merged member its own membership back. */
export function UnmergeForm({ merged, onDone }: { merged: { id: string; displayName: string }; onDone: () => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { mergedId: merged.id, reason: reason.trim() }
    await run(input, async (idempotencyKey) => {
      const { memberUnmerge } = await desk.ask(UnmergeMembersDocument, { input: { ...input, idempotencyKey } })
      if (memberUnmerge.userErrors.length === 0) {
        toast(t('unmerge.done'))
        onDone()
      }
      return memberUnmerge.userErrors
    })
  }
  return (
    <form class="stack action-form" onSubmit={submit} noValidate aria-label={t('unmerge.title')}>
      <p class="effect">{t('unmerge.effect', { name: merged.displayName })}</p>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <Submit label={t('unmerge.do')} busy={busy} look="danger-solid" problem={problems['']} />
    </form>
  )
}
