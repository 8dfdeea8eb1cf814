import { ApiError } from '@stampbook/gql'
import { useEffect, useState } from 'preact/hooks'
import { AdjustmentPreviewDocument, type AdjustmentPreviewQuery } from '../../generated/graphql.ts'
import { useDesk } from '../../session/context.ts'

export type Change = NonNullable<AdjustmentPreviewQuery['staff']>['adjustmentPreview']

export interface Preview {
  change: Change | undefined
  /** Why it would be refused, in the ledger's words. */
  refusal: string | undefined
  waiting: boolean
}

const pause = 250

/** What giving or taking these points would come to, a moment after the typing stopped; undefined points are none. */
export function useAdjustmentPreview(memberId: string, points: number | undefined): Preview {
  const desk = useDesk()
  const [shown, setShown] = useState<Omit<Preview, 'waiting'> & { points: number | undefined }>({ points: undefined, change: undefined, refusal: undefined })
  useEffect(() => {
    if (points === undefined) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      desk.ask(AdjustmentPreviewDocument, { memberId, points }, stop.signal).then(
        ({ staff }) => setShown({ points, change: staff?.adjustmentPreview, refusal: undefined }),
        (error: unknown) => !stop.signal.aborted && setShown({ points, change: undefined, refusal: error instanceof ApiError && error.kind === 'refused' ? error.message : undefined }),
      )
    }, pause)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [desk, memberId, points])
  if (points === undefined) return { change: undefined, refusal: undefined, waiting: false }
  const current = shown.points === points
  return { change: shown.change, refusal: current ? shown.refusal : undefined, waiting: !current }
}
