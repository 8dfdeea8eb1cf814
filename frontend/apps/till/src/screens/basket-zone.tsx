import { Button, IconReceipt, IconUndo } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { itemCount, total } from '../sale/basket.ts'
import { useFigures, useStatus, useTill } from '../session/context.ts'
import type { Preview } from '../session/use-preview.ts'
import type { Sale } from '../session/use-sale.ts'
import { BasketRow } from './basket-row.tsx'
import { ProductSearch } from './product-search.tsx'
import { UnpricedItem } from './unpriced-item.tsx'

interface BasketZoneProps {
  sale: Sale
  preview: Preview | null
  /** Minor units. */
  toPay: number
  practice: boolean
  busy: boolean
  /** The service has not said yet what the chosen rewards take off. */
  blocked: boolean
  onPay: () => void
  children?: ComponentChildren
}

/** What is being sold, and the one button that posts it. */
export function BasketZone({ sale, preview, toPay, practice, busy, blocked, onPay, children }: BasketZoneProps) {
  const { t } = useTill().locale
  const { money } = useFigures()
  const { basket, previous } = sale.state
  const undo = () => sale.dispatch({ type: 'undo' })
  const empty = basket.lines.length === 0
  usePayKey(onPay, empty || busy || blocked)

  return (
    <section class="zone zone-basket" aria-label={t('basketZone')}>
      <ProductSearch onProduct={sale.change} />
      {sale.state.unpriced !== null && <UnpricedItem sale={sale} barcode={sale.state.unpriced} />}
      {empty ? (
        <div class="basket-empty">
          <IconReceipt size={32} />
          <p>{t('basketEmpty')}</p>
          <p class="quiet">{t('basketEmptyDetail')}</p>
        </div>
      ) : (
        <ul class="basket-lines">
          {basket.lines.map((line) => (
            <BasketRow key={line.key} line={line} onChange={sale.change} />
          ))}
        </ul>
      )}
      {children}
      <footer class="basket-foot">
        <div class="basket-sums">
          <p hidden={empty && previous === null}>
            {t('items', { n: itemCount(basket) })}
            {previous !== null && (
              <Button look="quiet" onClick={undo} aria-keyshortcuts="Control+Z">
                <IconUndo /> {t('undo')}
              </Button>
            )}
          </p>
          {toPay < total(basket) && (
            <p>
              <span>{t('rewardsOff')}</span>
              <span>{money(toPay - total(basket))}</span>
            </p>
          )}
          <p class="basket-total">
            <span>{t('total')}</span>
            <output>{money(toPay)}</output>
          </p>
          <PreviewLine sale={sale} preview={preview} />
        </div>
        <Button
          look="primary"
          size="large"
          wide
          busy={busy}
          disabled={empty || blocked}
          onClick={onPay}
          aria-keyshortcuts="F9"
        >
          {busy ? t('payBusy') : t(practice ? 'payPractice' : 'pay', { total: money(toPay) })}
        </Button>
      </footer>
    </section>
  )
}

function PreviewLine({ sale, preview }: { sale: Sale; preview: Preview | null }) {
  const { session, locale } = useTill()
  const { t } = locale
  const { points } = useFigures()
  const { line } = useStatus(session)
  if (sale.state.basket.lines.length === 0) return null
  if (line === 'down') return <p class="quiet small">{t('previewLater')}</p>
  if (preview === null || preview.problem !== null) return <p class="preview small">&nbsp;</p>
  const { explanation, earned } = preview
  const text = t(sale.state.member === null ? 'previewNoMember' : 'previewEarns', { points: points(earned) })
  if (!explanation?.parts.length) return <p class="preview small">{text}</p>
  return (
    <details class="preview small">
      <summary>
        {text} · {t('previewWhy')}
      </summary>
      <ul>
        {explanation.parts.map((part) => (
          <li key={part.text}>{part.text}</li>
        ))}
      </ul>
    </details>
  )
}

function usePayKey(onPay: () => void, off: boolean): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'F9' || off) return
      event.preventDefault()
      onPay()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}
