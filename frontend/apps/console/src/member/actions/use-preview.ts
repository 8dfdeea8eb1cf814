import { ApiError } from '@stampbook/gql'
import { useEffect, useState } from 'preact/hooks'
import { AdjustmentPreviewDocument, type ChangeFragment, ReversalPreviewDocument } from '../../generated/graphql.ts'
import { useDesk } from '../../session/context.ts'
import type { Desk } from '../../session/desk.ts'

export interface Preview {
  change: ChangeFragment | undefined
  /** Why it would be refused, in the ledger's words. */
  refusal: string | undefined
  waiting: boolean
}

type Ask = (desk: Desk, signal: AbortSignal) => Promise<ChangeFragment | undefined>

const pause = 250

/** What giving or taking these points would come to; undefined points are none. */
export const useAdjustmentPreview = (memberId: string, points: number | undefined): Preview =>
  usePreview(points === undefined ? undefined : `${memberId} ${points}`, async (desk, signal) =>
    (await desk.ask(AdjustmentPreviewDocument, { memberId, points: points as number }, signal)).staff?.adjustmentPreview,
  )

/** What taking an entry back would come to, wholly where no points are given; nothing while `ready` is not. */
export const useReversalPreview = (memberId: string, entryId: string, points: number | undefined, ready: boolean): Preview =>
  usePreview(ready ? `${memberId} ${entryId} ${points}` : undefined, async (desk, signal) =>
    (await desk.ask(ReversalPreviewDocument, { memberId, entryId, points: points ?? null }, signal)).staff?.reversalPreview,
  )

/** Asks a moment after the typing stopped; what was shown last stays until the answer is there. */
function usePreview(key: string | undefined, ask: Ask): Preview {
  const desk = useDesk()
  const [shown, setShown] = useState<Omit<Preview, 'waiting'> & { key: string | undefined }>({ key: undefined, change: undefined, refusal: undefined })
  useEffect(() => {
    if (key === undefined) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      ask(desk, stop.signal).then(
        (change) => setShown({ key, change, refusal: undefined }),
        (error: unknown) => !stop.signal.aborted && setShown({ key, change: undefined, refusal: error instanceof ApiError && error.kind === 'refused' ? error.message : undefined }),
      )
    }, pause)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [desk, key])
  if (key === undefined) return { change: undefined, refusal: undefined, waiting: false }
  const current = shown.key === key
  return { change: shown.change, refusal: current ? shown.refusal : undefined, waiting: !current }
}
