import { Button, ButtonLink, Field, IconGlobe, IconKey } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { problemText } from '../../shell/problem.ts'
import { passkeysSupported, signInWithPasskey } from '@stampbook/gql/passkey'
import { requestCode } from '@stampbook/gql/proofs.ts'
import { looksLikeEmail } from './validate.ts'

interface EmailStepProps {
  busy: boolean
  /** With whose accounts one may sign in besides our own. */
  providers: readonly { id: string; name: string }[]
  onSent: (email: string) => void
  onSignedIn: () => void
}

export function EmailStep({ busy, providers, onSent, onSignedIn }: EmailStepProps) {
  const locale = useLocale()
  const { t } = locale
  const [email, setEmail] = useState('')
  const [problem, setProblem] = useState<string>()
  const [working, setWorking] = useState(false)
  const send = async (event: Event) => {
    event.preventDefault()
    if (!looksLikeEmail(email)) return setProblem(t('join.emailInvalid'))
    await run(async () => {
      await requestCode(email.trim(), locale.language)
      onSent(email.trim())
    })
  }
  const run = async (work: () => Promise<void>) => {
    setWorking(true)
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      // Closing the browser's own passkey window is an answer, not a fault.
      if (!(error instanceof DOMException)) setProblem(problemText(error, locale))
    } finally {
      setWorking(false)
    }
  }
  return (
    <form class="stack" onSubmit={send} noValidate>
      <Field label={t('join.email')} type="email" name="email" autocomplete="username" inputMode="email" enterKeyHint="send" value={email} onValue={setEmail} hint={t('join.emailHint')} error={problem} spellcheck={false} />
      <Button type="submit" look="primary" size="large" wide busy={working || busy}>
        {t('join.send')}
      </Button>
      {passkeysSupported() && (
        <Button wide onClick={() => void run(async () => { await signInWithPasskey(); onSignedIn() })}>
          <IconKey />
          {t('join.passkey')}
        </Button>
      )}
      {providers.map(({ id, name }) => (
        <ButtonLink key={id} href={`/login/idp/${id}?return_to=${encodeURIComponent(location.pathname + location.search)}`} wide load>
          <IconGlobe />
          {t('join.provider', { name })}
        </ButtonLink>
      ))}
      <p class="quiet small">{t('join.already')}</p>
    </form>
  )
}
