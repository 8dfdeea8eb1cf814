import { ButtonLink } from '@stampbook/ui'
import { useLocale } from '../i18n/index.ts'
import { Page } from '../shell/page.tsx'

export default function NotFound() {
  const { t } = useLocale()
  return (
    <Page title={t('notFound.title')}>
      <p>
        <ButtonLink href="/" look="primary">
          {t('notFound.back')}
        </ButtonLink>
      </p>
    </Page>
  )
}
