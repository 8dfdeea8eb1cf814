import { toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { EndSessionsDocument, type MemberFactsFragment, MemberSessionsDocument } from '../../generated/graphql.ts'
import { useDesk, useLocale } from '../../session/context.ts'
import { useAsked } from '../../session/use-asked.ts'
import { Note, Submit } from './form.tsx'
import { useAction } from './use-action.ts'

/** Signs a member out everywhere, for a lost phone or a stolen account. */
export function EndSessionsForm({ member, onDone }: { member: MemberFactsFragment; onDone: () => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [note, setNote] = useState('')
  const { busy, problems, refuse, run } = useAction('note')
  const { value } = useAsked(`end-sessions ${member.id}`, async (signal) =>
    desk.may('sessions:manage') ? ((await desk.ask(MemberSessionsDocument, { id: member.id }, signal)).staff?.member?.sessions.length ?? null) : null,
  )
  const effect = typeof value !== 'number' ? t('end.effectAny') : value === 0 ? t('end.effectNone') : t('end.effect', { n: value })
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!note.trim()) return refuse({ note: t('action.noteMissing') })
    const input = { memberId: member.id, note: note.trim() }
    await run(input, async () => {
      const { memberSessionsEnd } = await desk.ask(EndSessionsDocument, { input })
      if (memberSessionsEnd.userErrors.length === 0) {
        toast(t('end.done', { n: memberSessionsEnd.ended }))
        onDone()
      }
      return memberSessionsEnd.userErrors
    })
  }
  return (
    <form class="stack action-form" onSubmit={submit} noValidate aria-label={t('end.title')}>
      <p class="effect">{effect}</p>
      <Note value={note} onValue={setNote} error={problems.note} />
      <Submit label={t('end.do')} busy={busy} look="danger-solid" problem={problems['']} />
    </form>
  )
}
