import { IconExpand, IconOffline } from '@stampbook/ui/components/icons.tsx'
import { useEffect, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useMember, useWalletState } from '../../shell/context.ts'
import { useLater } from '../../shell/later.ts'
import { CardFace, CardNumber } from './card-face.tsx'

/** The first screen: the code, before anything else; then what it is worth. */
export function CardScreen() {
  const { t } = useLocale()
  const { line, cardEnded } = useWalletState()
  const { displayName, card, standing } = useMember()
  const later = useLater()
  const [full, setFull] = useState(false)
  useEffect(() => {
    document.title = t('card.title')
  }, [t])
  return (
    <div class="page card-page">
      <h1 class="visually-hidden">{t('card.title')}</h1>
      <section class="plate card-plate" aria-label={t('card.title')}>
        <div class="card-head">
          <bdi class="card-name">{displayName}</bdi>
          <span class="card-tier">{standing.tier.name}</span>
        </div>
        <button type="button" class="card-tap" aria-label={t('card.expand')} onClick={() => setFull(true)}>
          <IconExpand size={18} />
        </button>
        <CardFace />
        <CardNumber number={card.number} />
        {/* One line in both states: nothing moves when the line drops. */}
        <p class={line === 'offline' ? 'card-note card-offline' : 'card-note'} role="status">
          {line === 'offline' && <IconOffline size={18} />}
          {!cardEnded && t(line === 'offline' ? 'offline.card' : 'card.renews')}
        </p>
      </section>
      {later && <later.Side />}
      {full && later && <later.CardFull onClose={() => setFull(false)} />}
    </div>
  )
}
