import { ButtonLink, Empty, IconSearch } from '@stampbook/ui'
import { useLocale } from '../i18n/index.ts'

export default function NotFound() {
  const { t } = useLocale()
  return (
    <Empty icon={IconSearch} title={t('notFound.title')}>
      <ButtonLink href="/" look="primary">
        {t('notFound.back')}
      </ButtonLink>
    </Empty>
  )
}
