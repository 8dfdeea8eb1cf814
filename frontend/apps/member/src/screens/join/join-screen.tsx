import { Banner, Button, ButtonLink, IconOffline, Mark, navigate } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useService, useWalletState } from '../../shell/context.ts'
import { ClaimStep } from './claim-step.tsx'
import { claimCode } from './claim.ts'
import { CodeStep } from './code-step.tsx'
import { EmailStep } from './email-step.tsx'
import { NameStep } from './name-step.tsx'
import './join.css'

/** Two fields, then the card: e-mail, code; a name only from those who are new. */
export default function JoinScreen() {
  const { t } = useLocale()
  const service = useService()
  const { phase, line, session, programme } = useWalletState()
  // Without the line nobody can ask whether the session still is: the member who was kept here is inside.
  const inside = phase === 'member' && (session ? session.signedIn && line !== 'ended' : line === 'offline')
  const [claiming, setClaiming] = useState(() => claimCode() !== undefined)
  const [email, setEmail] = useState<string>()
  const [signedIn, setSignedIn] = useState(false)
  const finish = async () => {
    setSignedIn(true)
    await service.signedIn()
  }
  useEffect(() => {
    if (inside && !claiming) navigate(destination(), { replace: true })
  }, [inside, claiming])
  const step =
    phase === 'staff' ? (
      <StaffNote />
    ) : phase === 'joining' ? (
      <NameStep
        onDone={() => {
          setClaiming(false)
          void finish()
        }}
      />
    ) : inside && claiming ? (
      <ClaimStep onDone={() => setClaiming(false)} />
    ) : email === undefined || signedIn ? (
      <EmailStep busy={signedIn} providers={session?.providers ?? []} onSent={setEmail} onSignedIn={finish} />
    ) : (
      <CodeStep email={email} onBack={() => setEmail(undefined)} onSignedIn={finish} />
    )
  return (
    <div class="page join">
      <section class="join-hero">
        <Mark size={56} />
        <h1>{inside && claiming ? t('join.claimTitle') : t('join.title', { programme: programme?.name ?? 'Stampbook' })}</h1>
        {!inside && <p>{t('join.lead')}</p>}
      </section>
      <section class="panel join-step">
        {line === 'offline' && (
          <Banner icon={IconOffline} live="status">
            {t('error.offline')}
          </Banner>
        )}
        {claiming && !inside && phase !== 'staff' && <Banner tone="good">{t('join.claim')}</Banner>}
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
  const service = useService()
  return (
    <div class="stack">
      <h2>{t('staff.title')}</h2>
      <p>{t('staff.body')}</p>
      <ButtonLink href="/console" look="primary" load>
        {t('staff.console')}
      </ButtonLink>
      <Button look="quiet" onClick={() => void service.signOut()}>
        {t('you.signOut')}
      </Button>
    </div>
  )
}
