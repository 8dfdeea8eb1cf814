import { groupDigits, qrPath } from '@stampbook/card'
import { ApiError } from '@stampbook/gql'
import { Banner, Button, Field, IconPrint } from '@stampbook/ui'
import { useRef, useState } from 'preact/hooks'
import { MemberEnrolDocument, type MemberEnrolMutation } from '../generated/graphql.ts'
import { useStatus, useTill } from '../session/context.ts'
import type { Sale } from '../session/use-sale.ts'

interface EnrolProps {
  practice: boolean
  sale: Sale
  onDone: () => void
}

type Enrolled = MemberEnrolMutation['memberEnrol']
type Problem = Enrolled['userErrors'][number]

/** Makes somebody a member on the spot, with a contact or with nothing but a printed code. */
export function EnrolScreen({ practice, sale, onDone }: EnrolProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const { line } = useStatus(session)
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [phone, setPhone] = useState('')
  const [problem, setProblem] = useState<Pick<Problem, 'field' | 'message'> | null>(null)
  const [busy, setBusy] = useState(false)
  const [enrolled, setEnrolled] = useState<Enrolled | null>(null)
  const key = useRef(crypto.randomUUID())

  const enrol = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const input = {
        displayName: orNull(name),
        email: orNull(email),
        phone: orNull(phone),
        idempotencyKey: key.current,
      }
      const { memberEnrol } = await session.client.request(MemberEnrolDocument, { input })
      const [refused] = memberEnrol.userErrors
      if (refused !== undefined) {
        // Another body needs another key.
        key.current = crypto.randomUUID()
        return setProblem(refused)
      }
      setEnrolled(memberEnrol)
      giveSaleTo(sale, memberEnrol, t('enrolUsed'), t('enrolEarns'))
    } catch (error) {
      setProblem({ field: null, message: t(wordOf(error)) })
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void enrol()
  }
  const errorOf = (field: string) => (problem?.field?.at(-1) === field ? problem.message : undefined)
  const general = problem !== null && !['displayName', 'email', 'phone'].includes(problem.field?.at(-1) ?? '')

  if (enrolled !== null) return <EnrolledSlip enrolled={enrolled} onDone={onDone} />
  return (
    <main class="page">
      <h2>{t('enrolTitle')}</h2>
      {line === 'down' && <Banner tone="warn">{t('enrolOffline')}</Banner>}
      {practice && <Banner tone="warn">{t('enrolPractice')}</Banner>}
      <form class="panel" onSubmit={submit} noValidate>
        <p>{t('enrolIntro')}</p>
        <Field
          label={t('enrolName')}
          value={name}
          onValue={setName}
          autocomplete="off"
          maxLength={80}
          error={errorOf('displayName')}
          inputRef={focusAtFirst}
        />
        <Field
          label={t('enrolEmail')}
          type="email"
          value={email}
          onValue={setEmail}
          autocomplete="off"
          error={errorOf('email')}
        />
        <Field
          label={t('enrolPhone')}
          type="tel"
          value={phone}
          onValue={setPhone}
          autocomplete="off"
          error={errorOf('phone')}
        />
        {general && (
          <Banner tone="bad" live="alert">
            {problem.message}
          </Banner>
        )}
        <Button type="submit" look="primary" size="large" busy={busy} disabled={practice}>
          {t('enrolDo')}
        </Button>
      </form>
    </main>
  )
}

/** What the new member takes home. */
function EnrolledSlip({ enrolled, onDone }: { enrolled: Enrolled; onDone: () => void }) {
  const { programme, locale } = useTill()
  const { t } = locale
  const { cardNumber, claimCode, claimUrl } = enrolled
  return (
    <main class="receipt-screen">
      <article class="receipt receipt-column" aria-label={t('enrolTitle')}>
        <h2>{t('enrolDone', { programme: programme.name })}</h2>
        {cardNumber && (
          <p>
            {t('enrolNumber')}
            <br />
            <bdi class="card-number" dir="ltr">
              {groupDigits(cardNumber)}
            </bdi>
          </p>
        )}
        {(claimUrl ?? claimCode) && <ClaimCode text={claimUrl ?? claimCode ?? ''} label={t('enrolClaim')} />}
        <p>{t('enrolClaim')}</p>
        {claimCode && <p>{t('enrolClaimCode', { code: claimCode })}</p>}
      </article>
      <div class="receipt-actions">
        <Button look="primary" size="large" wide onClick={onDone} buttonRef={focusAtFirst}>
          {t('goSale')}
        </Button>
        <Button size="large" wide onClick={() => print()}>
          <IconPrint /> {t('print')}
        </Button>
      </div>
    </main>
  )
}

function ClaimCode({ text, label }: { text: string; label: string }) {
  const { path, size } = qrPath(text)
  return (
    <svg class="claim-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

function giveSaleTo(sale: Sale, enrolled: Enrolled, title: string, detail: string): void {
  if (enrolled.identification === null) return
  const member = {
    kind: 'identified',
    identification: enrolled.identification,
    facts: enrolled.member,
    mayEarn: true,
    mayRedeem: false,
    scan: null,
  } as const
  sale.dispatch({ type: 'member', member, verdict: { tone: 'good', title, detail, about: 'member' } })
}

const focusAtFirst = (element: HTMLElement | null) => element?.focus()

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

function wordOf(error: unknown): 'enrolOffline' | 'enrolLimited' | 'returnFailed' {
  if (!(error instanceof ApiError)) return 'returnFailed'
  if (error.kind === 'offline') return 'enrolOffline'
  return error.kind === 'rateLimited' ? 'enrolLimited' : 'returnFailed'
}
