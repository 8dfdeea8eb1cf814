import { Button } from '@stampbook/ui'
import { useLocale } from '../i18n/index.ts'

/** A newer version is there; it is taken when the person says so. */
export function UpdateNote({ use }: { use: () => void }) {
  const { t } = useLocale()
  return (
    <div class="page update" role="status">
      {t('update.ready')} <Button onClick={use}>{t('update.use')}</Button>
    </div>
  )
}
