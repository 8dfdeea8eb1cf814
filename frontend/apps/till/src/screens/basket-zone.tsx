import { Button, IconCross, IconReceipt, IconUndo } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { itemCount, total as totalOf } from '../sale/basket.ts'
import { useFigures, useStatus, useTill } from '../session/context.ts'
import type { Preview } from '../session/use-preview.ts'
import type { Sale } from '../session/use-sale.ts'
import { BasketRow } from './basket-row.tsx'
import { Key } from './key.tsx'
import { ProductSearch } from './product-search.tsx'
import { UnpricedItem } from './unpriced-item.tsx'

interface BasketZoneProps {
  sale: Sale
  preview: Preview | null
  /** Minor units, after rewards. */
  total: number
  practice: boolean
  busy: boolean
  /** Nothing can be posted yet: rewards are not worked out, or a refused sale waits for a decision. */
  blocked: boolean
  onPay: () => void
  children?: ComponentChildren
}

/** What is being sold, and the one button that posts it. */
export function BasketZone({ sale, preview, total, practice, busy, blocked, onPay, children }: BasketZoneProps) {
  const { t } = useTill().locale
  const { money, points } = useFigures()
  const { basket, previous, byPoints } = sale.state
  const toPay = total - (byPoints?.amount ?? 0)
  const undo = () => sale.dispatch({ type: 'undo' })
  const empty = basket.lines.length === 0
  useSaleKeys({ pay: empty || busy || blocked ? null : onPay, undo: previous === null ? null : undo })

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
          {total < totalOf(basket) && (
            <p>
              <span>{t('rewardsOff')}</span>
              <span>{money(total - totalOf(basket))}</span>
            </p>
          )}
          {byPoints !== null && (
            <p>
              <span>{t('paidWithPoints', { points: points(byPoints.points) })}</span>
              <span class="sum-end">
                {money(-byPoints.amount)}
                <Button
                  look="quiet"
                  aria-label={t('pointsRemove')}
                  onClick={() => sale.dispatch({ type: 'payWithPoints', byPoints: null })}
                >
                  <IconCross />
                </Button>
              </span>
            </p>
          )}
          <p class="basket-total">
            <span>{t(byPoints === null ? 'total' : 'toPay')}</span>
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
          <span>{busy ? t('payBusy') : t(practice ? 'payPractice' : 'pay', { total: money(toPay) })}</span>
          <Key name="F9" />
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

/** F9 pays; Ctrl+Z takes the last change back, except in a field, where it belongs to the text. */
function useSaleKeys({ pay, undo }: { pay: (() => void) | null; undo: (() => void) | null }): void {
  // Before the next paint: a quick hand presses F9 in the moment in which the line appears.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const undoing = event.key === 'z' && (event.ctrlKey || event.metaKey) && !hasText(event.target)
      const action = event.key === 'F9' ? pay : undoing ? undo : null
      if (action === null) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}

function hasText(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.value !== ''
}
