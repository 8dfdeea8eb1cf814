import { Banner, Button, Field, IconKey, IconMail, Mark } from '@stampbook/ui'
import { requestCode, verifyCode } from '@stampbook/gql/account'
import { passkeysSupported, signInWithPasskey } from '@stampbook/gql/passkey'
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemText } from '../logic/errors.ts'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'

const looksLikeEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim())

/** E-mail, then the code; or a passkey. `ended` while a page waits behind it. */
export function SignIn({ ended = false }: { ended?: boolean }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { programme, session } = useDeskState()
  const [email, setEmail] = useState(session?.email ?? '')
  const [sentTo, setSentTo] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  useEffect(() => void (document.title = `${t('signIn.title')} · Stampbook`), [])

  const run = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      // Closing the browser's own passkey window is an answer, not a fault.
      if (!(error instanceof DOMException)) setProblem(problemText(error, locale))
    } finally {
      setBusy(false)
    }
  }
  const send = (event: Event) => {
    event.preventDefault()
    if (!looksLikeEmail(email)) return setProblem(t('signIn.emailInvalid'))
    void run(async () => {
      await requestCode(email.trim(), locale.language)
      setSentTo(email.trim())
    })
  }
  return (
    <main class="door">
      <div class="panel stack">
        <span class="door-mark">
          <Mark size={40} />
        </span>
        <div class="stack stack-tight">
          <h1>{t('signIn.title')}</h1>
          {!ended && programme && <p class="quiet">{t('signIn.intro', { programme: programme.name })}</p>}
        </div>
        {ended && (
          <Banner tone="warn" live="status">
            {t('signIn.ended')}
          </Banner>
        )}
        {sentTo ? (
          <CodeForm email={sentTo} busy={busy} problem={problem} run={run} onOther={() => setSentTo(undefined)} />
        ) : (
          <form class="stack" onSubmit={send} noValidate>
            <Field label={t('signIn.email')} type="email" name="email" autocomplete="username" inputMode="email" enterKeyHint="send" value={email} onValue={setEmail} hint={t('signIn.emailHint')} error={problem} spellcheck={false} />
            <Button type="submit" look="primary" wide busy={busy}>
              {t('signIn.send')}
            </Button>
            {passkeysSupported() && (
              <Button wide onClick={() => void run(async () => { await signInWithPasskey(); await desk.start() })}>
                <IconKey size={18} />
                {t('signIn.passkey')}
              </Button>
            )}
          </form>
        )}
      </div>
    </main>
  )
}

interface CodeFormProps {
  email: string
  busy: boolean
  problem: string | undefined
  run: (work: () => Promise<void>) => Promise<void>
  onOther: () => void
}

/** The eight digits, typed or pasted; the last one sends them. */
function CodeForm({ email, busy, problem, run, onOther }: CodeFormProps) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const [code, setCode] = useState('')
  const [short, setShort] = useState(false)
  const [resent, setResent] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const attempt = (digits: string) =>
    run(async () => {
      await verifyCode(email, digits)
      await desk.start()
    })
  const type = (text: string) => {
    const digits = text.replace(/\D/g, '').slice(0, 8)
    setCode(digits)
    setShort(false)
    if (digits.length === 8 && digits !== code && !busy) void attempt(digits)
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (code.length < 8) return setShort(true)
    if (!busy) void attempt(code)
  }
  const resend = () =>
    run(async () => {
      setCode('')
      await requestCode(email, locale.language)
      setResent(true)
      input.current?.focus()
    })
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <p class="quiet">{t('signIn.codeSent', { email })}</p>
      {resent && (
        <Banner icon={IconMail} live="status">
          {t('signIn.resent')}
        </Banner>
      )}
      <Field label={t('signIn.code')} inputRef={input} class="input-code" name="code" autocomplete="one-time-code" inputMode="numeric" enterKeyHint="done" value={code} onValue={type} hint={t('signIn.codeHint')} error={short ? t('signIn.codeInvalid') : problem} maxLength={20} />
      <Button type="submit" look="primary" wide busy={busy}>
        {t('signIn.verify')}
      </Button>
      <div class="cluster between">
        <Button look="quiet" onClick={() => void resend()}>
          {t('signIn.resend')}
        </Button>
        <Button look="quiet" onClick={onOther}>
          {t('signIn.other')}
        </Button>
      </div>
    </form>
  )
}
