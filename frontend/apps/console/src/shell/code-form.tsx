import { Banner, Button, Field, IconMail } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocale } from '../session/context.ts'
import { useWork } from './use-work.ts'

interface CodeFormProps {
  /** Where the code went. */
  told: string
  verify: (code: string) => Promise<void>
  verifyLabel: string
  resend: () => Promise<unknown>
  /** The way back. */
  other: string
  onOther: () => void
}

/** The eight digits, typed or pasted; the last one sends them. */
export function CodeForm({ told, verify, verifyLabel, resend, other, onOther }: CodeFormProps) {
  const { t } = useLocale()
  const { busy, problem, refuse, run } = useWork()
  const [code, setCode] = useState('')
  const [resent, setResent] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const type = (text: string) => {
    const digits = text.replace(/\D/g, '').slice(0, 8)
    setCode(digits)
    if (digits.length === 8 && digits !== code && !busy) void run(() => verify(digits))
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (code.length < 8) return refuse(t('signIn.codeInvalid'))
    if (!busy) void run(() => verify(code))
  }
  const again = () =>
    run(async () => {
      setCode('')
      await resend()
      setResent(true)
      input.current?.focus()
    })
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <p class="quiet">{told}</p>
      {resent && (
        <Banner icon={IconMail} live="status">
          {t('signIn.resent')}
        </Banner>
      )}
      <Field label={t('signIn.code')} inputRef={input} class="input-code" name="code" autocomplete="one-time-code" inputMode="numeric" enterKeyHint="done" value={code} onValue={type} hint={t('signIn.codeHint')} error={problem} maxLength={20} />
      <Button type="submit" look="primary" wide busy={busy}>
        {verifyLabel}
      </Button>
      <div class="cluster between">
        <Button look="quiet" onClick={() => void again()}>
          {t('signIn.resend')}
        </Button>
        <Button look="quiet" onClick={onOther}>
          {other}
        </Button>
      </div>
    </form>
  )
}
