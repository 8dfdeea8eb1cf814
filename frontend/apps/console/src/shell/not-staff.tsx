import { Button, ButtonLink, Empty, IconLock } from '@stampbook/ui'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'

/** Signed in as a member: says so, and where their own things are. */
export function NotStaff() {
  const { t } = useLocale()
  const desk = useDesk()
  const { session } = useDeskState()
  return (
    <main class="door">
      <Empty icon={IconLock} title={t('notStaff.title')}>
        <p>{t('notStaff.body', { email: session?.email ?? '' })}</p>
        <div class="cluster">
          <ButtonLink href="/" look="primary" load>
            {t('notStaff.wallet')}
          </ButtonLink>
          <Button onClick={() => void desk.signOut()}>{t('notStaff.switch')}</Button>
        </div>
      </Empty>
    </main>
  )
}
