import { groupDigits, luhnIsValid } from '@stampbook/card'
import { Button, IconKeyboard } from '@stampbook/ui'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { plainDigits } from '../sale/money.ts'
import type { Verdict } from '../sale/state.ts'
import type { ScanSource } from '../scan/verdict.ts'
import { useTill } from '../session/context.ts'
import { CameraView } from './camera-view.tsx'
import { Key } from './key.tsx'
import { NumberPad } from './number-pad.tsx'
import { VerdictBox } from './verdict.tsx'

const CARD_DIGITS = 16

interface ScanZoneProps {
  verdict: Verdict | null
  onCode: (text: string, source: ScanSource) => Promise<void>
}

/** The three ways in: camera, keyboard-wedge scanner, typing. */
export function ScanZone({ verdict, onCode }: ScanZoneProps) {
  const { t } = useTill().locale
  const [typed, setTyped] = useState('')
  const [pad, setPad] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const hintId = useId()

  const focus = () => {
    // On a touch screen the focus would only bring up the keyboard; a scanner is heard without it.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }
  useEffect(focus, [])

  const use = async () => {
    const text = plainDigits(typed.trim())
    setTyped('')
    if (text !== '') await onCode(text, 'typed')
    focus()
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void use()
  }

  return (
    <section class="zone zone-scan" aria-label={t('scanZone')}>
      {verdict && <VerdictBox verdict={verdict} />}
      <form class="scan-form" onSubmit={submit}>
        <label class="field-label" for="scan-field">
          {t('scanField')} <Key name="F2" />
        </label>
        <div class="scan-row">
          <input
            id="scan-field"
            ref={field}
            class="input scan-input"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            enterKeyHint="go"
            aria-describedby={hintId}
            aria-keyshortcuts="F2"
            dir="ltr"
          />
          <Button type="submit" look="primary" disabled={typed.trim() === ''}>
            {t('scanDo')}
          </Button>
        </div>
        <ScanHint id={hintId} typed={typed} />
      </form>
      <div class="scan-tools">
        <Button aria-expanded={pad} onClick={() => setPad(!pad)}>
          <IconKeyboard /> {t('scanPad')}
        </Button>
        <CameraView onCode={(text) => void onCode(text, 'camera')} />
      </div>
      {pad && <NumberPad value={typed} onValue={setTyped} onEnter={() => void use()} />}
    </section>
  )
}

/** Says how a card number is coming along while it is being typed. */
function ScanHint({ id, typed }: { id: string; typed: string }) {
  const { t } = useTill().locale
  const digits = plainDigits(typed).replace(/[\s-]/g, '')
  const numeric = /^\d{4,}$/.test(digits)
  const complete = numeric && digits.length === CARD_DIGITS
  const good = complete && luhnIsValid(digits)
  const text = !numeric
    ? t('scanHint')
    : complete
      ? t(good ? 'scanLuhnGood' : 'scanLuhnBad')
      : t('scanDigits', { count: digits.length })
  return (
    <p
      id={id}
      class={complete ? (good ? 'scan-hint hint-good' : 'scan-hint hint-bad') : 'scan-hint'}
      aria-live="polite"
    >
      {numeric && (
        <>
          <bdi dir="ltr" class="scan-digits">
            {groupDigits(digits)}
          </bdi>{' '}
        </>
      )}
      {text}
    </p>
  )
}
