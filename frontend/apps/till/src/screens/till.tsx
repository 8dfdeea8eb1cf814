import { Banner, Button } from '@stampbook/ui'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { useTill } from '../session/context.ts'
import { useSale } from '../session/use-sale.ts'
import { useWedge } from '../scan/use-wedge.ts'
import { applyUpdate, onUpdateReady } from '../updates.ts'
import { Header, type Place } from './header.tsx'
import { lazy, loadPlaces } from './lazy.tsx'
import type { ReceiptFacts } from './receipt-facts.ts'
import { SaleScreen } from './sale.tsx'

const ReceiptScreen = lazy(async () => (await import('./receipt.tsx')).ReceiptScreen)
const ReturnScreen = lazy(async () => (await import('./return.tsx')).ReturnScreen)
const EnrolScreen = lazy(async () => (await import('./enrol.tsx')).EnrolScreen)
const QueueScreen = lazy(async () => (await import('./queue.tsx')).QueueScreen)
const SettingsScreen = lazy(async () => (await import('./settings.tsx')).SettingsScreen)

/** The till at work: the state line above, and one of its few places below. The scanner is heard in all of them. */
export function TillScreen() {
  const { locale } = useTill()
  const [place, setPlace] = useState<Place>('sale')
  const [practice, setPractice] = useState(false)
  const [receipt, setReceipt] = useState<ReceiptFacts | null>(null)
  const [update, setUpdate] = useState(false)
  const sale = useSale(practice)

  useEffect(() => onUpdateReady(() => setUpdate(true)), [])
  useEffect(loadPlaces, [])
  const go = (next: Place) => {
    setReceipt(null)
    setPlace(next)
  }
  const next = () => {
    sale.dispatch({ type: 'next' })
    go('sale')
  }
  useWedge((text) => {
    // Whatever is open, a scan belongs to the sale; after a receipt it begins the next one.
    if (receipt !== null) next()
    else setPlace('sale')
    void sale.take(text, 'wedge')
  })
  useShortcuts({
    F2: () => focusInSale(go, 'scan-field'),
    F3: () => focusInSale(go, 'product-search'),
    F7: () => go('return'),
    F8: () => go('enrol'),
    Escape: () => go('sale'),
  })
  const togglePractice = () => {
    setPractice(!practice)
    next()
  }

  return (
    <div class={practice ? 'till till-practice' : 'till'}>
      <Header place={place} practice={practice} onGo={go} onPractice={togglePractice} />
      {update && (
        <Banner live="status">
          <div class="cluster between">
            <span>{locale.t('updateReady')}</span>
            <Button onClick={applyUpdate}>{locale.t('updateDo')}</Button>
          </div>
        </Banner>
      )}
      {receipt !== null ? (
        <ReceiptScreen facts={receipt} onNext={next} onReceipt={setReceipt} />
      ) : place === 'sale' ? (
        <SaleScreen sale={sale} practice={practice} onReceipt={setReceipt} />
      ) : place === 'return' ? (
        <ReturnScreen practice={practice} onReceipt={setReceipt} />
      ) : place === 'enrol' ? (
        <EnrolScreen practice={practice} sale={sale} onDone={() => go('sale')} />
      ) : place === 'queue' ? (
        <QueueScreen />
      ) : (
        <SettingsScreen />
      )}
    </div>
  )
}

function focusInSale(go: (place: Place) => void, id: string): void {
  go('sale')
  requestAnimationFrame(() => document.getElementById(id)?.focus())
}

function useShortcuts(shortcuts: Record<string, () => void>): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = shortcuts[event.key]
      if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}
