import { currentSession } from '@stampbook/gql/account'
import { passkeysSupported, signInWithPasskey } from '@stampbook/gql/passkey'
import { proveByCode, requestProofCode } from '@stampbook/gql/proofs.ts'
import { Banner, Button, IconKey, IconLock } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'
import { CodeForm } from './code-form.tsx'
import { useWork } from './use-work.ts'

/** Asks for a fresh proof of who sits here; the page waits behind it with everything that was typed. */
export function Prove() {
  const { t } = useLocale()
  const desk = useDesk()
  const { session } = useDeskState()
  const [sent, setSent] = useState(false)
  const { busy, problem, run } = useWork()
  const email = session?.email ?? ''
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const title = document.title
    const before = document.activeElement as HTMLElement | null
    document.title = `${t('prove.title')} · Stampbook`
    heading.current?.focus()
    return () => {
      document.title = title
      // The page is shown again only after this.
      setTimeout(() => before?.focus())
    }
  }, [])
  const byPasskey = () =>
    run(async () => {
      await signInWithPasskey()
      const { identityId } = await currentSession()
      if (identityId === session?.identityId) return desk.confirmed(true)
      desk.confirmed(false)
      await desk.start()
    })
  return (
    <main class="door">
      <div class="panel stack">
        <span class="door-mark">
          <IconLock size={32} />
        </span>
        <div class="stack stack-tight">
          <h1 ref={heading} tabIndex={-1}>
            {t('prove.title')}
          </h1>
          <p class="quiet">{t('prove.why')}</p>
        </div>
        {sent ? (
          <CodeForm
            told={t('prove.sent', { email })}
            verify={async (code) => {
              await proveByCode(code)
              desk.confirmed(true)
            }}
            verifyLabel={t('prove.verify')}
            resend={requestProofCode}
            other={t('prove.back')}
            onOther={() => desk.confirmed(false)}
          />
        ) : (
          <>
            {problem && (
              <Banner tone="bad" live="alert">
                {problem}
              </Banner>
            )}
            <Button look="primary" wide busy={busy} onClick={() => void run(async () => { await requestProofCode(); setSent(true) })}>
              {t('prove.send', { email })}
            </Button>
            {passkeysSupported() && (
              <Button wide busy={busy} onClick={() => void byPasskey()}>
                <IconKey size={18} />
                {t('signIn.passkey')}
              </Button>
            )}
            <Button look="quiet" wide onClick={() => desk.confirmed(false)}>
              {t('prove.back')}
            </Button>
          </>
        )}
      </div>
    </main>
  )
}
