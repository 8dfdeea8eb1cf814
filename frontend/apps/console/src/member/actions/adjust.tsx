import { Chips, Field, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { AdjustPointsDocument, type AdjustReason, type MemberFactsFragment } from '../../generated/graphql.ts'
import { useDesk, useLocale, usePoints } from '../../session/context.ts'
import { BeforeAfter, Note, ReasonCode, Submit, focusFirst } from './form.tsx'
import { wholePoints } from './points.ts'
import { useAction } from './use-action.ts'
import { useAdjustmentPreview } from './use-preview.ts'

/** The entry that a correction made. */
export interface Adjusted {
  id: string
  points: number
}

/** Gives or takes points by hand, and shows first what that comes to. */
export function AdjustForm({ member, onDone }: { member: MemberFactsFragment; onDone: (member: MemberFactsFragment, done: Adjusted | undefined) => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const points = usePoints()
  const [direction, setDirection] = useState<'give' | 'take'>('give')
  const [amount, setAmount] = useState('')
  const [reasonCode, setReasonCode] = useState<AdjustReason>('GOODWILL')
  const [note, setNote] = useState('')
  const [memberNote, setMemberNote] = useState('')
  const { busy, problems, refuse, run } = useAction('points', 'note', 'memberNote')
  const whole = wholePoints(amount)
  const signed = whole === undefined ? undefined : direction === 'give' ? whole : -whole
  const preview = useAdjustmentPreview(member.id, signed)

  const submit = async (event: Event) => {
    event.preventDefault()
    if (signed === undefined) return refuse({ points: t('adjust.pointsInvalid') })
    if (!note.trim()) return refuse({ note: t('action.noteMissing') })
    const input = { memberId: member.id, points: signed, reasonCode, note: note.trim(), memberNote: memberNote.trim() || null }
    await run(input, async (idempotencyKey) => {
      const { pointsAdjust } = await desk.ask(AdjustPointsDocument, { input: { ...input, idempotencyKey } })
      if (pointsAdjust.member) {
        toast(t('adjust.done', { points: points(pointsAdjust.member.balance.active) }))
        onDone(pointsAdjust.member, pointsAdjust.activity ?? undefined)
      }
      return pointsAdjust.userErrors
    })
  }
  return (
    <form class="stack action-form" onSubmit={submit} noValidate aria-label={t('adjust.title')}>
      <Chips label={t('adjust.direction')} value={direction} onValue={setDirection} options={[{ value: 'give', label: t('adjust.give') }, { value: 'take', label: t('adjust.take') }]} />
      <Field label={t('adjust.points')} inputRef={focusFirst} inputMode="numeric" autocomplete="off" value={amount} onValue={setAmount} error={problems.points ?? preview.refusal} maxLength={15} />
      {preview.change && signed !== undefined && <BeforeAfter {...preview.change} stale={preview.waiting} />}
      <ReasonCode value={reasonCode} onValue={setReasonCode} />
      <Note value={note} onValue={setNote} error={problems.note} />
      <Field label={t('adjust.memberNote')} hint={t('adjust.memberNoteHint')} value={memberNote} onValue={setMemberNote} error={problems.memberNote} maxLength={500} autocomplete="off" />
      <Submit label={whole === undefined ? t('adjust.do') : t(`adjust.${direction}.do`, { points: points(whole) })} busy={busy} look={direction === 'take' ? 'danger-solid' : 'primary'} problem={problems['']} />
    </form>
  )
}
