import { Button } from '@stampbook/ui'
import { useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'

/** In the place of a code that no till would take: what happened, what still works, and the way to a new one. */
export function CardEnded() {
  const { t } = useLocale()
  const service = useService()
  return (
    <div class="stack card-ended" role="status">
      <strong>{t('card.ended')}</strong>
      <p>{t('card.endedHint')}</p>
      <Button look="primary" onClick={() => void service.signOut()}>
        {t('signIn')}
      </Button>
    </div>
  )
}
