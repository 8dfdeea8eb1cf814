import { Banner, Button, Field, IconMail } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { problemText } from '../../shell/problem.ts'
import { requestCode, verifyCode } from '@stampbook/gql/proofs.ts'
import { digitsOf } from './validate.ts'

interface CodeStepProps {
  email: string
  onBack: () => void
  onSignedIn: () => void
}

/** The eight digits of the mail, typed, pasted or filled in by the browser; the last one sends them. */
export function CodeStep({ email, onBack, onSignedIn }: CodeStepProps) {
  const locale = useLocale()
  const { t } = locale
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState<string>()
  const [note, setNote] = useState<string>()
  const [working, setWorking] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const attempt = async (digits: string) => {
    if (digits.length !== 8) return setProblem(t('join.codeInvalid'))
    setWorking(true)
    setProblem(undefined)
    setNote(undefined)
    try {
      await verifyCode(email, digits)
      onSignedIn()
    } catch (error) {
      setProblem(problemText(error, locale))
      setWorking(false)
      input.current?.select()
    }
  }
  const type = (text: string) => {
    const digits = digitsOf(text)
    setCode(digits)
    if (digits.length === 8 && digits !== code && !working) void attempt(digits)
  }
  const resend = async () => {
    setCode('')
    setProblem(undefined)
    try {
      await requestCode(email, locale.language)
      setNote(t('join.resent'))
    } catch (error) {
      setProblem(problemText(error, locale))
    }
    input.current?.focus()
  }
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!working) void attempt(code)
      }}
    >
      <h2>{t('join.codeTitle')}</h2>
      <p>{t('join.codeSent', { email: `\u2068${email}\u2069` })}</p>
      {note && (
        <Banner icon={IconMail} live="status">
          {note}
        </Banner>
      )}
      <Field label={t('join.code')} inputRef={input} class="input-code" name="code" autocomplete="one-time-code" inputMode="numeric" enterKeyHint="done" value={code} onValue={type} hint={t('join.codeHint')} error={problem} maxLength={20} />
      <Button type="submit" look="primary" size="large" wide busy={working}>
        {t('join.verify')}
      </Button>
      <div class="cluster between">
        <Button look="quiet" onClick={() => void resend()}>
          {t('join.resend')}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {t('join.other')}
        </Button>
      </div>
    </form>
  )
}
