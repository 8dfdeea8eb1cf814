import { Banner, Button, ButtonLink, navigate } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useWallet, useWalletState } from '../../shell/context.ts'
import { Mark } from '../../shell/mark.tsx'
import { claimCode } from './claim.ts'
import { CodeStep } from './code-step.tsx'
import { EmailStep } from './email-step.tsx'
import { NameStep } from './name-step.tsx'
import './join.css'

/** Two fields, then the card: e-mail, code; a name only from those who are new. */
export default function JoinScreen() {
  const { t } = useLocale()
  const wallet = useWallet()
  const { phase, programme } = useWalletState()
  const [email, setEmail] = useState<string>()
  const [signedIn, setSignedIn] = useState(false)
  const finish = async () => {
    setSignedIn(true)
    await wallet.refresh()
    if (wallet.state.phase === 'member') navigate(destination(), { replace: true })
  }
  const step =
    phase === 'staff' ? (
      <StaffNote />
    ) : phase === 'joining' ? (
      <NameStep onDone={finish} />
    ) : email === undefined || signedIn ? (
      <EmailStep busy={signedIn} onSent={setEmail} onSignedIn={finish} />
    ) : (
      <CodeStep email={email} onBack={() => setEmail(undefined)} onSignedIn={finish} />
    )
  return (
    <div class="page join">
      <section class="join-hero">
        <Mark size={56} />
        <h1>{t('join.title', { programme: programme?.name ?? 'Stampbook' })}</h1>
        <p>{t('join.lead')}</p>
      </section>
      <section class="panel join-step">
        {claimCode() && phase !== 'staff' && <Banner tone="good">{t('join.claim')}</Banner>}
        {step}
      </section>
    </div>
  )
}

/** Where to go on: the place that asked to sign in, if it is ours, else the card. */
function destination(): string {
  const then = new URLSearchParams(location.search).get('then') ?? '/'
  return /^\/(?!\/|\\)/.test(then) ? then : '/'
}

function StaffNote() {
  const { t } = useLocale()
  const wallet = useWallet()
  return (
    <div class="stack">
      <h2>{t('staff.title')}</h2>
      <p>{t('staff.body')}</p>
      <ButtonLink href="/console" look="primary" load>
        {t('staff.console')}
      </ButtonLink>
      <Button look="quiet" onClick={() => void wallet.signOut()}>
        {t('you.signOut')}
      </Button>
    </div>
  )
}
