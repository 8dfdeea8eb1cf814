import { Button, Field } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { parseMoney } from '../sale/money.ts'
import { useTill } from '../session/context.ts'
import type { Sale } from '../session/use-sale.ts'

/** While the line is down, a barcode that this till has not met is rung up with the price on its shelf. */
export function UnpricedItem({ sale, barcode }: { sale: Sale; barcode: string }) {
  const { programme, locale } = useTill()
  const { t } = locale
  const [price, setPrice] = useState('')
  const [tried, setTried] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const unit = parseMoney(price, programme.currencyCode)

  useEffect(() => field.current?.focus(), [barcode])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (unit !== null) sale.addUnpriced(barcode, unit)
  }

  return (
    <form class="unpriced" onSubmit={submit} noValidate>
      <Field
        label={t('unpricedPrice', { barcode })}
        value={price}
        onValue={setPrice}
        inputMode="decimal"
        inputRef={field}
        error={tried && unit === null ? t('priceBad') : undefined}
      />
      <Button type="submit" look="primary">
        {t('unpricedAdd')}
      </Button>
      <Button look="quiet" onClick={() => sale.dispatch({ type: 'unpriced', barcode: null })}>
        {t('unpricedLeave')}
      </Button>
    </form>
  )
}
