import { Banner } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import type { QueuedSale } from '../queue/post.ts'
import type { SettledResult } from '../queue/queue.ts'
import { total } from '../sale/basket.ts'
import { useProblems, useTill } from '../session/context.ts'
import { paySale } from '../session/pay.ts'
import { usePreview, type PreviewProblem } from '../session/use-preview.ts'
import type { Sale } from '../session/use-sale.ts'
import { BasketZone } from './basket-zone.tsx'
import { lazy } from './lazy.tsx'
import { MemberZone } from './member-zone.tsx'
import { practiceReceipt, receiptOfSale, type ReceiptFacts } from './receipt-facts.ts'
import { ScanZone } from './scan-zone.tsx'

const PayWithPoints = lazy(async () => (await import('./pay-with-points.tsx')).PayWithPoints)
const RefusedSale = lazy(async () => (await import('./refused-sale.tsx')).RefusedSale)

interface SaleScreenProps {
  sale: Sale
  practice: boolean
  onReceipt: (facts: ReceiptFacts) => void
}

/** The till's one screen: scan, basket, member. */
export function SaleScreen({ sale, practice, onReceipt }: SaleScreenProps) {
  const { session, programme, locale } = useTill()
  const preview = usePreview(sale.state)
  const say = useProblems()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<QueuedSale | null>(null)
  const [notKept, setNotKept] = useState(false)
  const { basket, member, handOver, byPoints } = sale.state
  const maySpend = member?.kind === 'identified' && member.mayRedeem
  const saleTotal = preview !== null && preview.problem === null ? preview.total : total(basket)
  const spends = handOver.length > 0 || byPoints !== null
  const waitsForPreview = spends && (preview === null || preview.problem !== null)
  const problemAbout = (about: PreviewProblem['about']) =>
    preview?.problem?.about === about ? say(preview.problem) : null

  const settle = (post: QueuedSale, result: SettledResult) => {
    if (result.kind === 'conflict') return setRefusal({ ...post, problem: result.problem })
    setRefusal(null)
    onReceipt(receiptOfSale(post, result))
  }
  const pay = async () => {
    if (practice) return onReceipt(practiceReceipt(basket, session.now(), preview?.earned ?? null))
    setBusy(true)
    setNotKept(false)
    try {
      const { post, result } = await paySale(session, sale.state, programme.currencyCode, saleTotal, () =>
        sale.dispatch({ type: 'queued' }),
      )
      settle(post, result)
    } catch {
      // Nothing was sent either: what is sent is kept first.
      setNotKept(true)
    } finally {
      setBusy(false)
    }
  }
  const leave = () => {
    setRefusal(null)
    sale.dispatch({ type: 'next' })
  }
  const edit = () => {
    if (refusal === null) return
    const { receiptNumber, businessDate } = refusal.input
    sale.dispatch({ type: 'repost', reposting: { id: refusal.id, receiptNumber, businessDate } })
    setRefusal(null)
  }

  return (
    <main class="zones">
      <ScanZone verdict={sale.state.scanVerdict} onCode={sale.take} />
      <MemberZone sale={sale} problem={problemAbout('rewards')}>
        {maySpend && <PayWithPoints sale={sale} total={saleTotal} problem={problemAbout('points')} />}
      </MemberZone>
      <BasketZone
        sale={sale}
        preview={preview}
        total={saleTotal}
        practice={practice}
        busy={busy}
        blocked={waitsForPreview || refusal !== null}
        onPay={() => void pay()}
      >
        {problemAbout('basket') && (
          <Banner tone="warn" live="alert">
            {problemAbout('basket')}
          </Banner>
        )}
        {notKept && (
          <Banner tone="bad" live="alert">
            {locale.t('notKept')}
          </Banner>
        )}
        {refusal && <RefusedSale post={refusal} onSettled={settle} onEdit={edit} onSetAside={leave} />}
      </BasketZone>
    </main>
  )
}
