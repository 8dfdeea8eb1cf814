import { toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type MemberFactsFragment, ReplaceCardDocument } from '../../generated/graphql.ts'
import { grouped } from '../../search/hit.tsx'
import { useDesk, useLocale } from '../../session/context.ts'
import { Note, Submit } from './form.tsx'
import { useAction } from './use-action.ts'

/** A new card number for a lost or copied card. */
export function ReplaceCardForm({ member, onDone }: { member: MemberFactsFragment; onDone: () => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { memberId: member.id, reason: reason.trim() }
    await run(input, async () => {
      const { cardReplace } = await desk.ask(ReplaceCardDocument, { input })
      if (cardReplace.card) {
        toast(t('replace.done', { number: grouped(cardReplace.card.number) }))
        onDone()
      }
      return cardReplace.userErrors
    })
  }
  return (
    <form class="stack action-form" onSubmit={submit} noValidate aria-label={t('replace.title')}>
      <p class="effect">{t('replace.effect', { number: grouped(member.card.number) })}</p>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <Submit label={t('replace.do')} busy={busy} look="danger-solid" problem={problems['']} />
    </form>
  )
}
