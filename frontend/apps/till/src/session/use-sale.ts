import { readCode, type ReadCode } from '@stampbook/card'
import { ApiError } from '@stampbook/gql'
import { useRef, useState } from 'preact/hooks'
import { CardIdentifyDocument, ProductByBarcodeDocument, type DeferredScanInput } from '../generated/graphql.ts'
import { addProduct, addUnpriced, type Basket } from '../sale/basket.ts'
import { knownProduct, type KnownProduct } from '../sale/product.ts'
import { keepSale, keptSale } from '../sale/kept.ts'
import { saleReducer, type SaleAction, type SaleState, type Verdict } from '../sale/state.ts'
import { signal } from '../scan/feedback.ts'
import { failureVerdict, malformedVerdict, verdictOf, type ScanSource } from '../scan/verdict.ts'
import { useFigures, useTill } from './context.ts'

/** A cashier does not wait longer for a card than this; then it is noted and judged later. */
const PATIENCE_MS = 4000

export interface Sale {
  readonly state: SaleState
  readonly dispatch: (action: SaleAction) => void
  readonly change: (change: (basket: Basket) => Basket) => void
  /** Rings up a barcode that nothing is known of, at a price in minor units. */
  readonly addUnpriced: (barcode: string, unit: number) => void
  /** Takes in a code from any of the three inputs. */
  readonly take: (text: string, source: ScanSource) => Promise<void>
}

/** The sale being rung up, and what becomes of each scan in it. */
export function useSale(practice: boolean): Sale {
  const { session, locale, said } = useTill()
  const { points } = useFigures()
  const { t } = locale
  const { tillId } = session.identity
  const [state, setState] = useState(() => keptSale(tillId))
  // Answers come late: what they mean is decided by the sale as it is then, not as it was when the question was asked.
  const current = useRef(state)
  const speaker = { t, points, said }

  const dispatch = (action: SaleAction) => {
    current.current = saleReducer(current.current, action)
    setState(current.current)
    if (!practice) keepSale(tillId, current.current)
  }
  const change = (how: (basket: Basket) => Basket) => dispatch({ type: 'change', change: how })

  const say = (verdict: Verdict) => {
    signal(verdict.tone)
    dispatch({ type: 'verdict', verdict })
  }

  const note = (scan: DeferredScanInput) => {
    signal('warn')
    const verdict: Verdict = { tone: 'warn', title: t('notedTitle'), detail: t('notedDetail'), about: 'member' }
    dispatch({ type: 'member', member: { kind: 'noted', scan }, verdict })
  }

  const identify = async (code: string) => {
    const scan: DeferredScanInput = { code, scannedAt: session.now(), basketId: current.current.basket.id }
    if (practice) {
      signal('good')
      const verdict: Verdict = { tone: 'good', title: t('practiceMember'), detail: t('practiceRead'), about: 'member' }
      return dispatch({ type: 'member', member: { kind: 'practice' }, verdict })
    }
    if (session.status.line === 'down') return note(scan)
    dispatch({ type: 'reading' })
    try {
      const input = { code, basketId: scan.basketId }
      const { cardIdentify } = await session.client.request(
        CardIdentifyDocument,
        { input },
        AbortSignal.timeout(PATIENCE_MS),
      )
      if (current.current.basket.id !== scan.basketId) return
      const verdict = verdictOf(cardIdentify, speaker)
      const { identification, member: facts, mayEarn, mayRedeem } = cardIdentify
      if (!mayEarn || identification === null) return say(verdict)
      signal(verdict.tone)
      dispatch({
        type: 'member',
        member: { kind: 'identified', identification, facts, mayEarn, mayRedeem, scan },
        verdict,
      })
    } catch (error) {
      if (error instanceof ApiError && error.kind !== 'offline') return say(failureVerdict(error, speaker))
      note(scan)
    }
  }

  const ringUp = (product: KnownProduct) => {
    signal('good')
    change((basket) => addProduct(basket, product))
    dispatch({
      type: 'verdict',
      verdict: { tone: 'good', title: t('productAdded', { name: product.name }), detail: '', about: 'scan' },
    })
  }

  const takeBarcode = async (code: ReadCode) => {
    const known = await findProduct(code.text)
    if (known.product !== null) return ringUp(known.product)
    // Legacy card numbers look like the shop's own products; the catalogue has not got it, so it is a card.
    if (code.kind === 'legacyNumber') return identify(code.text)
    if (known.offline) dispatch({ type: 'unpriced', barcode: code.text })
    const detail = t(known.offline ? 'productUnknownOffline' : 'productUnknownDetail', { code: code.text })
    say({ tone: 'bad', title: t('productUnknown'), detail, about: 'scan' })
  }

  const findProduct = async (barcode: string): Promise<{ product: KnownProduct | null; offline: boolean }> => {
    const met = await session.products.byBarcode(barcode)
    if (session.status.line === 'down') return { product: met, offline: true }
    try {
      const { till } = await session.client.request(
        ProductByBarcodeDocument,
        { barcode },
        AbortSignal.timeout(PATIENCE_MS),
      )
      const product = till?.productByBarcode ? knownProduct(till.productByBarcode) : null
      if (product !== null) await session.products.remember([product])
      return { product, offline: false }
    } catch {
      return { product: met, offline: true }
    }
  }

  const takeReward = (code: string) => {
    const title = t('rewardScannedTitle')
    const { member, handOver } = current.current
    if (practice) return say({ tone: 'good', title, detail: t('practiceRead'), about: 'scan' })
    if (session.status.line === 'down') {
      return say({ tone: 'warn', title, detail: t('rewardScannedOffline'), about: 'scan' })
    }
    const ready = member?.kind === 'identified' ? (member.facts?.readyRedemptions ?? []) : []
    const redemption = ready.find((one) => one.code === code)
    if (redemption === undefined) {
      signal('warn')
      return dispatch({ type: 'looseReward', code })
    }
    if (!handOver.includes(redemption.id)) dispatch({ type: 'toggleHandOver', redemptionId: redemption.id })
    say({ tone: 'good', title, detail: t('rewardChosen', { reward: redemption.reward.name }), about: 'scan' })
  }

  const take = async (text: string, source: ScanSource) => {
    const code = readCode(text)
    switch (code.kind) {
      case 'malformed':
        return say(malformedVerdict(code, source, speaker))
      case 'product':
      case 'legacyNumber':
        return takeBarcode(code)
      case 'redemption':
        return takeReward(code.text)
      default:
        return identify(code.text)
    }
  }

  const addUnpricedItem = (barcode: string, unit: number) => {
    change((basket) => addUnpriced(basket, barcode, t('unpricedName', { barcode }), unit))
    dispatch({ type: 'unpriced', barcode: null })
  }

  return { state, dispatch, change, addUnpriced: addUnpricedItem, take }
}
