import { groupDigits } from '@stampbook/card/checks.ts'
import { qrPath } from '@stampbook/card/qr.ts'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useMember, useWallet, useWalletState } from '../../shell/context.ts'
import { afterPaint, loadLater, useLater } from '../../shell/later.ts'
import { Qr } from './qr.tsx'
import { Ring } from './ring.tsx'
import { useRotatingCode } from './rotating.ts'

/** The code of the card, or its number as one: what a scanner reads. */
export function CardFace({ asNumber = false }: { asNumber?: boolean }) {
  const wallet = useWallet()
  const { t } = useLocale()
  const { credential, firstCode, refused, cardEnded, line } = useWalletState()
  const later = useLater()
  const { displayName, card, redemptions } = useMember()
  const code = useRotatingCode(credential, redemptions.nodes.length > 0, firstCode)
  const preparing = !code && !cardEnded && (credential !== null || (!refused && line === 'online'))
  useEffect(() => {
    if (!preparing) afterPaint(() => void loadLater(wallet).catch(() => undefined))
  }, [preparing])
  if (card.status !== 'ACTIVE') return <div class="face face-note">{t('card.blocked')}</div>
  if (asNumber) return <NumberFace number={card.number} />
  if (cardEnded) return <div class="face face-note">{later && <later.CardEnded />}</div>
  if (!credential && !preparing) return <NumberFace number={card.number} note={t('card.noDevice')} />
  return (
    <div class="face" data-testid="card-code" data-code={code?.text}>
      {code ? (
        <>
          <Ring step={code.step} elapsed={code.elapsed} />
          <Qr path={code.path} size={code.size} label={t('card.code', { name: displayName })} />
        </>
      ) : (
        <span class="face-note">{t('card.preparing')}</span>
      )}
    </div>
  )
}

function NumberFace({ number, note }: { number: string; note?: string }) {
  const { t } = useLocale()
  const { path, size } = useMemo(() => qrPath(number), [number])
  return (
    <>
      <div class="face">
        <Qr path={path} size={size} label={t('card.codeStatic')} />
      </div>
      {note && <p class="face-hint">{note}</p>}
    </>
  )
}

/** Sixteen digits in fours, never mirrored, read out digit group by digit group. */
export function CardNumber({ number }: { number: string }) {
  const { t } = useLocale()
  return (
    <p class="card-number">
      <span class="visually-hidden">{t('card.number')}: </span>
      <bdi dir="ltr">{groupDigits(number)}</bdi>
    </p>
  )
}
