import { Button, IconCross } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useMember } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { CardFace, CardNumber } from './card-face.tsx'
import { useWakeLock } from './wake-lock.ts'

/** The card and nothing else: white from edge to edge, awake, with the next thing to try when it does not scan. */
export function CardFull({ onClose }: { onClose: () => void }) {
  const { t } = useLocale()
  const points = usePoints()
  const { displayName, card, balance } = useMember()
  const [asNumber, setAsNumber] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useWakeLock()
  useEffect(() => {
    dialog.current?.showModal()
    // Not in any browser yet; where it comes, the screen gets bright for the scanner (WICG screen-brightness).
    dialog.current?.setAttribute('increasebrightness', '')
  }, [])
  return (
    <dialog ref={dialog} class="card-full" aria-label={t('card.title')} onClose={onClose} onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div class="card-full-top">
        <span class="card-full-name">{displayName}</span>
        <Button look="quiet" onClick={onClose}>
          <IconCross />
          {t('card.close')}
        </Button>
      </div>
      <CardFace asNumber={asNumber} />
      <CardNumber number={card.number} />
      <p class="card-full-points">{points(balance.active)}</p>
      <p class="face-hint">{t('card.brighter')}</p>
      <Button look="quiet" onClick={() => setAsNumber(!asNumber)}>
        {t(asNumber ? 'card.rotating' : 'card.notScanning')}
      </Button>
    </dialog>
  )
}
