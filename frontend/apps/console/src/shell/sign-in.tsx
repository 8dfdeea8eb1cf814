import { Banner, Button, ButtonLink, Field, IconGlobe, IconKey, Mark } from '@stampbook/ui'
import { requestCode, verifyCode } from '@stampbook/gql/proofs.ts'
import { passkeysSupported, signInWithPasskey } from '@stampbook/gql/passkey'
import { useEffect, useState } from 'preact/hooks'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'
import { CodeForm } from './code-form.tsx'
import { useWork } from './use-work.ts'

const looksLikeEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim())

/** E-mail, then the code; or a passkey. `ended` while a page waits behind it. */
export function SignIn({ ended = false }: { ended?: boolean }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { programme, session } = useDeskState()
  const [email, setEmail] = useState(session?.email ?? '')
  const [sentTo, setSentTo] = useState<string>()
  const { busy, problem, refuse, run } = useWork()
  useEffect(() => void (document.title = `${t('signIn.title')} · Stampbook`), [])

  const send = (event: Event) => {
    event.preventDefault()
    if (!looksLikeEmail(email)) return refuse(t('signIn.emailInvalid'))
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
          <CodeForm
            told={t('signIn.codeSent', { email: sentTo })}
            verify={async (code) => {
              await verifyCode(sentTo, code)
              await desk.start()
            }}
            verifyLabel={t('signIn.verify')}
            resend={() => requestCode(sentTo, locale.language)}
            other={t('signIn.other')}
            onOther={() => setSentTo(undefined)}
          />
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
            {session?.providers?.map(({ id, name }) => (
              <ButtonLink key={id} href={`/login/idp/${id}?return_to=${encodeURIComponent(location.pathname)}`} wide load>
                <IconGlobe size={18} />
                {t('signIn.provider', { name })}
              </ButtonLink>
            ))}
          </form>
        )}
      </div>
    </main>
  )
}
