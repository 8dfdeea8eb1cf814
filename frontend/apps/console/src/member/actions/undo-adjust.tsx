import { Banner, Button, toast } from '@stampbook/ui'
import { type MemberFactsFragment, ReverseEntryDocument } from '../../generated/graphql.ts'
import { useDesk, useLocale, usePoints } from '../../session/context.ts'
import type { Adjusted } from './adjust.tsx'
import { useAction } from './use-action.ts'

interface UndoAdjustProps {
  memberId: string
  adjusted: Adjusted
  onDone: (member: MemberFactsFragment) => void
}

/** Says what was just corrected, and takes it back on one press; later its row in the timeline does. */
export function UndoAdjust({ memberId, adjusted, onDone }: UndoAdjustProps) {
  const { t } = useLocale()
  const desk = useDesk()
  const points = usePoints()
  const { busy, problems, run } = useAction()
  const undo = () => {
    const input = { memberId, entryId: adjusted.id, points: null, reasonCode: 'CORRECTION' as const, note: t('undo.note') }
    return run(input, async (idempotencyKey) => {
      const { entryReverse } = await desk.ask(ReverseEntryDocument, { input: { ...input, idempotencyKey } })
      if (entryReverse.member) {
        toast(t('undo.done', { points: points(entryReverse.member.balance.active) }))
        onDone(entryReverse.member)
      }
      return entryReverse.userErrors
    })
  }
  return (
    <div class="undo">
      <Banner tone={problems[''] ? 'bad' : 'good'} live="status">
        <p>{problems[''] ?? t(adjusted.points > 0 ? 'adjust.gave' : 'adjust.took', { points: points(Math.abs(adjusted.points)) })}</p>
        <Button busy={busy} onClick={() => void undo()}>
          {t('undo.do')}
        </Button>
      </Banner>
    </div>
  )
}
