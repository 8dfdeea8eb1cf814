import { qrPath } from '@stampbook/card'
import { Banner, Confirm, Empty, IconGift, Skeleton, navigate, toast } from '@stampbook/ui'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { type ClaimFragment, RedemptionCancelDocument, RedemptionDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useMember, useService } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { useKept } from '../../shell/kept.ts'
import { Failed, Page } from '../../shell/page.tsx'
import { problemText, refusalText } from '../../shell/problem.ts'
import { onChange } from '../../wallet/changes.ts'
import { Qr } from '../card/qr.tsx'
import { useWakeLock } from '../card/wake-lock.ts'
import { TimeLeft } from './time-left.tsx'
import './rewards.css'

/** A reserved reward as a code for the till; it follows what happens to it there. */
export default function ClaimScreen() {
  const { t } = useLocale()
  const service = useService()
  const { redemptions } = useMember()
  const [id] = useState(() => location.pathname.split('/')[3] as string)
  const known = redemptions.nodes.find((one) => one.id === id)
  const { value, error, reload, set } = useKept<ClaimFragment>(`claim ${id}`, async () => {
    const { node } = await service.client.request(RedemptionDocument, { id })
    if (!node || !('code' in node)) throw new Error('Not found')
    return node as ClaimFragment
  })
  useEffect(() => onChange(({ redemption }) => redemption?.id === id && set(redemption)), [id])
  const claim = value ?? known
  return (
    <Page title={claim?.reward.name ?? t('rewards.title')} back="/rewards">
      {claim && <Claim claim={claim} onChanged={set} />}
      {!claim && (error ? error instanceof Error && error.message === 'Not found' ? <Empty icon={IconGift} title={t('reward.gone')} /> : <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} />)}
    </Page>
  )
}

function Claim({ claim, onChanged }: { claim: ClaimFragment; onChanged: (claim: ClaimFragment) => void }) {
  const { t } = useLocale()
  const points = usePoints()
  const held = points(claim.points)
  switch (claim.status) {
    case 'RESERVED':
      return <Reserved claim={claim} onChanged={onChanged} />
    case 'CONFIRMED':
      return (
        <div class="stack">
          <Banner tone="good" live="status">
            {t('claim.confirmed')}
          </Banner>
          {claim.voucherCode && <Voucher code={claim.voucherCode} />}
        </div>
      )
    case 'CANCELLED':
      return (
        <Banner tone="good" live="status">
          {t('claim.cancelled', { points: held })}
        </Banner>
      )
    case 'EXPIRED':
      return <Banner live="status">{t('claim.expired', { points: held })}</Banner>
    case 'REVERSED':
      return <Banner live="status">{t('claim.reversed', { points: held })}</Banner>
  }
}

function Reserved({ claim, onChanged }: { claim: ClaimFragment; onChanged: (claim: ClaimFragment) => void }) {
  const locale = useLocale()
  const { t } = locale
  const service = useService()
  const points = usePoints()
  const { path, size } = useMemo(() => qrPath(claim.code), [claim.code])
  const [problem, setProblem] = useState<string>()
  useWakeLock()
  const cancel = async () => {
    setProblem(undefined)
    try {
      const { redemptionCancel } = await service.client.request(RedemptionCancelDocument, { input: { redemptionId: claim.id } })
      if (redemptionCancel.member) service.know(redemptionCancel.member)
      const [refusal] = redemptionCancel.userErrors
      if (refusal) {
        if (redemptionCancel.redemption) onChanged(redemptionCancel.redemption)
        return setProblem(refusalText(refusal, locale))
      }
      toast(t('claim.cancelled', { points: points(claim.points) }))
      navigate('/rewards', { replace: true })
    } catch (error) {
      setProblem(problemText(error, locale))
    }
  }
  return (
    <div class="stack">
      <section class="plate card-plate" aria-label={t('claim.title')}>
        <p class="card-head card-name">{t('claim.title')}</p>
        <div class="face">
          <Qr path={path} size={size} label={t('claim.code')} />
        </div>
        <p class="card-number" data-testid="claim-code">
          <bdi dir="ltr">{claim.code.replace(/(.{2})(.{4})(.{4})(.{4})(.{4})/, '$1 $2 $3 $4 $5')}</bdi>
        </p>
      </section>
      <p class="cluster between">
        <strong>
          <TimeLeft until={claim.reservedUntil} />
        </strong>
        <span class="quiet small">{t('claim.until', { when: locale.dateTime(claim.reservedUntil) })}</span>
      </p>
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      <Confirm wide label={t('claim.cancel', { points: points(claim.points) })} question={t('claim.cancelQuestion', { points: points(claim.points) })} yes={t('claim.cancelYes')} no={t('claim.cancelNo')} onYes={cancel} />
      {claim.reward.terms && <p class="quiet small" dir="auto">{claim.reward.terms}</p>}
    </div>
  )
}

function Voucher({ code }: { code: string }) {
  const { t } = useLocale()
  return (
    <section class="panel voucher" aria-label={t('claim.voucher')}>
      <p class="quiet">{t('claim.voucher')}</p>
      <p class="voucher-code">
        <bdi dir="ltr">{code}</bdi>
      </p>
      <p class="quiet small">{t('claim.voucherHint')}</p>
    </section>
  )
}
