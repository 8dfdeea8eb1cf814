import { Banner, ButtonLink } from '@stampbook/ui'
import { useLocale } from '../i18n/index.ts'

/** The session ended elsewhere: what was kept stays on screen, and signing in leads back here. */
export function SignInAgain({ when }: { when: string }) {
  const { t } = useLocale()
  return (
    <Banner tone="warn" live="status">
      <strong>{t('ended.title')}</strong>
      <p>{t('ended.body', { when })}</p>
      <p>
        <ButtonLink href={`/join?then=${encodeURIComponent(location.pathname)}`}>{t('signIn')}</ButtonLink>
      </p>
    </Banner>
  )
}
