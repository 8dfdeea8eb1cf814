import { useEffect, useState } from 'preact/hooks'
import { PurchasePreviewDocument, type PurchasePreviewMutation } from '../generated/graphql.ts'
import { lineInputs } from '../sale/lines.ts'
import { toMinor } from '../sale/money.ts'
import type { SaleState } from '../sale/state.ts'
import type { ProblemCode } from '../words/said.ts'
import { useStatus, useTill } from './context.ts'

/** Between the last key and the question: a basket that is being changed is not asked about at every step. */
const SETTLE_MS = 250

export interface Preview {
  /** Minor units, after rewards; what points pay is a part of it. */
  readonly total: number
  readonly earned: number
  readonly explanation: PurchasePreviewMutation['purchasePreview']['explanation']
  /** Why these rewards or points cannot go with this basket. */
  readonly problem: PreviewProblem | null
}

export interface PreviewProblem {
  readonly about: 'points' | 'rewards' | 'basket'
  readonly code: ProblemCode
  /** The service's sentence. */
  readonly message: string
}

/** By the part of the input that was refused. */
const ABOUT: Record<string, PreviewProblem['about']> = { payWithPoints: 'points', redemptionIds: 'rewards' }

/** What this sale would earn and cost, from the service; null until it has answered for exactly this basket. */
export function usePreview({ basket, member, handOver, byPoints }: SaleState): Preview | null {
  const { session, programme } = useTill()
  const { line } = useStatus(session)
  const [preview, setPreview] = useState<Preview | null>(null)
  const payWithPoints = byPoints?.points ?? null
  const identification = member?.kind === 'identified' ? member.identification : null

  useEffect(() => {
    setPreview(null)
    if (basket.lines.length === 0 || line !== 'up') return
    const stop = new AbortController()
    const timer = setTimeout(async () => {
      const lines = lineInputs(basket, programme.currencyCode)
      const input = { identification, lines, redemptionIds: [...handOver], payWithPoints }
      try {
        const { purchasePreview } = await session.client.request(PurchasePreviewDocument, { input }, stop.signal)
        const { total, earned, explanation, userErrors } = purchasePreview
        if (total !== null) {
          setPreview({
            total: toMinor(total.amount, total.currencyCode),
            earned: earned ?? 0,
            explanation,
            problem: null,
          })
        } else {
          const [refused] = userErrors
          const about = ABOUT[refused?.field?.[1] ?? ''] ?? 'basket'
          const problem = refused === undefined ? null : ({ about, code: refused.code, message: refused.message } as const)
          setPreview({ total: 0, earned: 0, explanation: null, problem })
        }
      } catch {
        // No preview is no obstacle: the sale can be posted without one.
      }
    }, SETTLE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [basket, identification, handOver, payWithPoints, line, session, programme])

  return preview
}
