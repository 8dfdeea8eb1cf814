import { Button, IconBack, IconCheck } from '@stampbook/ui'
import { useTill } from '../session/context.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

interface NumberPadProps {
  value: string
  onValue: (value: string) => void
  onEnter: () => void
}

/** Large digits for a finger; always left to right, as on every pad. */
export function NumberPad({ value, onValue, onEnter }: NumberPadProps) {
  const { t } = useTill().locale
  return (
    <div class="number-pad" role="group" aria-label={t('scanPad')} dir="ltr">
      {KEYS.map((digit) => (
        <Button key={digit} onClick={() => onValue(value + digit)}>
          {digit}
        </Button>
      ))}
      <Button aria-label={t('padDelete')} onClick={() => onValue(value.slice(0, -1))}>
        <IconBack />
      </Button>
      <Button onClick={() => onValue(`${value}0`)}>0</Button>
      <Button look="primary" aria-label={t('padEnter')} onClick={onEnter}>
        <IconCheck />
      </Button>
    </div>
  )
}
