import { Button, IconCross, IconMinus, IconPlus } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { lineAmount, setQuantity, setUnit, type Basket, type BasketLine } from '../sale/basket.ts'
import { parseMoney } from '../sale/money.ts'
import { useFigures, useTill } from '../session/context.ts'

interface BasketRowProps {
  line: BasketLine
  onChange: (change: (basket: Basket) => Basket) => void
}

/** One line of the sale: how many, at what price, or not at all. */
export function BasketRow({ line, onChange }: BasketRowProps) {
  const { locale } = useTill()
  const { t } = locale
  const { money } = useFigures()
  const { key, name, quantity } = line
  const count = (next: number) => onChange((basket) => setQuantity(basket, key, next))
  return (
    <li class="basket-row">
      <div class="basket-name">
        <bdi class="row-title">{name}</bdi>
        {line.product && <bdi class="row-detail">{line.product.detail}</bdi>}
      </div>
      <div class="stepper">
        <Button aria-label={t('lineFewer', { name })} onClick={() => count(quantity - 1)}>
          <IconMinus />
        </Button>
        <output aria-label={t('lineQuantity', { name })}>{locale.number(quantity)}</output>
        <Button aria-label={t('lineMore', { name })} onClick={() => count(quantity + 1)}>
          <IconPlus />
        </Button>
      </div>
      <UnitPrice line={line} onUnit={(unit) => onChange((basket) => setUnit(basket, key, unit))} />
      <strong class="basket-amount">{money(lineAmount(line))}</strong>
      <Button look="quiet" aria-label={t('lineRemove', { name })} onClick={() => count(0)}>
        <IconCross />
      </Button>
    </li>
  )
}

/** The price of one, changed in place; what cannot be a price goes back to what it was. */
function UnitPrice({ line, onUnit }: { line: BasketLine; onUnit: (unit: number) => void }) {
  const { programme, locale } = useTill()
  const [draft, setDraft] = useState<string | null>(null)
  const shown = useFigures().typed(line.unit)
  const finish = () => {
    const unit = draft === null ? null : parseMoney(draft, programme.currencyCode)
    setDraft(null)
    if (unit !== null && unit !== line.unit) onUnit(unit)
  }
  const press = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key === 'Enter') event.currentTarget.blur()
    if (event.key !== 'Escape') return
    event.stopPropagation()
    setDraft(null)
    event.currentTarget.value = shown
    event.currentTarget.blur()
  }
  return (
    <input
      class="input basket-price"
      inputMode="decimal"
      dir="ltr"
      aria-label={locale.t('linePrice', { name: line.name })}
      value={draft ?? shown}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={press}
    />
  )
}
