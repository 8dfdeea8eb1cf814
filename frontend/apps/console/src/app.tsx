import { Banner, Button, Skeleton, Toasts, usePath } from '@stampbook/ui'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { DeskContext, LocaleContext, makeLocale, useDesk, useDeskState, useLocale } from './session/context.ts'
import type { Desk } from './session/desk.ts'
import { NotStaff } from './shell/not-staff.tsx'
import { Prove } from './shell/prove.tsx'
import { Shell } from './shell/shell.tsx'
import { SignIn } from './shell/sign-in.tsx'
import './shell/shell.css'

export function App({ desk }: { desk: Desk }) {
  const [zone, setZone] = useState(desk.state.programme?.timeZone)
  useEffect(() => desk.listen(() => setZone(desk.state.programme?.timeZone)), [desk])
  const locale = useMemo(() => makeLocale(zone), [zone])
  return (
    <DeskContext.Provider value={desk}>
      <LocaleContext.Provider value={locale}>
        <Door />
        <Toasts />
      </LocaleContext.Provider>
    </DeskContext.Provider>
  )
}

/** Who may come in. A session that ended, or that has to be proved anew, leaves the page as it is behind the question. */
function Door() {
  const desk = useDesk()
  const { t } = useLocale()
  const { phase, ended, proving } = useDeskState()
  const path = usePath('/console')
  if (phase === 'starting')
    return (
      <main class="door">
        <Skeleton label={t('loading')} />
      </main>
    )
  if (phase === 'unreachable')
    return (
      <main class="door">
        <Banner tone="bad" live="alert">
          <strong>{t('unreachable.title')}</strong>
          <p>{t('unreachable.body')}</p>
          <p>
            <Button onClick={() => void desk.start()}>{t('retry')}</Button>
          </p>
        </Banner>
      </main>
    )
  if (phase === 'notStaff') return <NotStaff />
  if (phase === 'signedOut') return <SignIn />
  return (
    <>
      {ended ? <SignIn ended /> : proving && <Prove />}
      <div hidden={ended || proving}>
        <Shell path={path.split('?')[0] as string} />
      </div>
    </>
  )
}
