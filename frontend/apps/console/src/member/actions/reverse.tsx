import { Button, Field, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type AdjustReason, type MemberFactsFragment, ReverseEntryDocument } from '../../generated/graphql.ts'
import { useDesk, useLocale, usePoints } from '../../session/context.ts'
import type { Entry } from '../detail/detail.tsx'
import { BeforeAfter, Note, ReasonCode, Submit } from './form.tsx'
import { wholePoints } from './points.ts'
import { useAction } from './use-action.ts'
import { useReversalPreview } from './use-preview.ts'

interface ReverseActionProps {
  entry: Entry
  memberId: string
  onChanged: (member?: MemberFactsFragment) => void
}

/** Takes one entry back, from its own row. */
export function ReverseAction({ entry, memberId, onChanged }: ReverseActionProps) {
  const { t } = useLocale()
  const [open, setOpen] = useState(false)
  if (!open)
    return (
      <p>
        <Button look="danger" onClick={() => setOpen(true)}>
          {t('reverse.title')}
        </Button>
      </p>
    )
  return (
    <ReverseForm
      entry={entry}
      memberId={memberId}
      onClose={() => setOpen(false)}
      onDone={(member) => {
        setOpen(false)
        onChanged(member)
      }}
    />
  )
}

interface ReverseFormProps {
  entry: Entry
  memberId: string
  onClose: () => void
  onDone: (member: MemberFactsFragment) => void
}

function ReverseForm({ entry, memberId, onClose, onDone }: ReverseFormProps) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const points = usePoints()
  const [amount, setAmount] = useState('')
  const [reasonCode, setReasonCode] = useState<AdjustReason>('CORRECTION')
  const [note, setNote] = useState('')
  const { busy, problems, refuse, run } = useAction('points', 'note')
  const most = Math.abs(entry.points)
  const partly = amount.trim() === '' ? undefined : wholePoints(amount)
  const preview = useReversalPreview(memberId, entry.id, partly, amount.trim() === '' || partly !== undefined)

  const submit = async (event: Event) => {
    event.preventDefault()
    if (amount.trim() && partly === undefined) return refuse({ points: t('reverse.pointsInvalid', { most }) })
    if (!note.trim()) return refuse({ note: t('action.noteMissing') })
    const input = { memberId, entryId: entry.id, points: partly ?? null, reasonCode, note: note.trim() }
    await run(input, async (idempotencyKey) => {
      const { entryReverse } = await desk.ask(ReverseEntryDocument, { input: { ...input, idempotencyKey } })
      if (entryReverse.member) {
        toast(t('reverse.done', { points: points(entryReverse.member.balance.active) }))
        onDone(entryReverse.member)
      }
      return entryReverse.userErrors
    })
  }
  return (
    <form class="stack action-form action-inline" onSubmit={submit} noValidate aria-label={t('reverse.title')}>
      <p>{t('reverse.intro')}</p>
      {most > 0 && <Field label={t('reverse.points')} hint={t('reverse.pointsHint', { points: locale.number(most) })} inputMode="numeric" autocomplete="off" value={amount} onValue={setAmount} error={problems.points} maxLength={15} />}
      {preview.change && <BeforeAfter {...preview.change} stale={preview.waiting} />}
      {preview.refusal && <p class="effect warn">{preview.refusal}</p>}
      <ReasonCode value={reasonCode} onValue={setReasonCode} />
      <Note value={note} onValue={setNote} error={problems.note} />
      <Submit label={t('reverse.do')} busy={busy} look="danger-solid" problem={problems['']} />
      <Button look="quiet" onClick={onClose}>
        {t('cancel')}
      </Button>
    </form>
  )
}
