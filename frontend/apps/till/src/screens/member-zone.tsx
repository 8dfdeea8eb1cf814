import { Banner, Button, Confirm, IconCheck, IconGift, IconUser, toast } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { RedemptionConfirmDocument, type ReadyRedemptionFragment } from '../generated/graphql.ts'
import { addProduct } from '../sale/basket.ts'
import { knownProduct } from '../sale/product.ts'
import type { SaleMember } from '../sale/state.ts'
import { useFigures, useProblems, useStatus, useTill } from '../session/context.ts'
import type { Sale } from '../session/use-sale.ts'
import { VerdictBox } from './verdict.tsx'

interface MemberZoneProps {
  sale: Sale
  /** Why the chosen rewards cannot go with this basket. */
  problem: string | null
  children?: ComponentChildren
}

/** Who the sale is for, as far as the scan allows to see, and what is ready to be handed over. */
export function MemberZone({ sale, problem, children }: MemberZoneProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const { line } = useStatus(session)
  const { member, memberVerdict: shown, reading } = sale.state
  return (
    // With large text even the empty zone may scroll, and has nothing else that a keyboard could do it by.
    <section class="zone zone-member" aria-label={t('memberZone')} tabIndex={member === null ? 0 : undefined}>
      {shown && <VerdictBox verdict={shown} />}
      {reading && (
        <p class="member-reading" role="status">
          {t('looking')}
        </p>
      )}
      {!shown && !reading && member === null && (
        <div class="member-none">
          <IconUser size={32} />
          <p class="verdict-title">{t('readyToScan')}</p>
          <p class="quiet">{t('readyToScanDetail')}</p>
        </div>
      )}
      {sale.state.looseReward !== null && <LooseReward sale={sale} code={sale.state.looseReward} />}
      {member?.kind === 'identified' && <Identified sale={sale} member={member} />}
      {member?.kind === 'noted' && line === 'up' && <p role="status">{t('notedLineBack')}</p>}
      {problem && (
        <Banner tone="warn" live="alert">
          {problem}
        </Banner>
      )}
      {children}
      {member !== null && (
        <Button look="quiet" onClick={() => sale.dispatch({ type: 'forgetMember' })}>
          {t('memberRemove')}
        </Button>
      )}
    </section>
  )
}

function Identified({ sale, member }: { sale: Sale; member: SaleMember & { kind: 'identified' } }) {
  const { t } = useTill().locale
  const { points } = useFigures()
  const { facts, mayRedeem } = member
  if (facts === null) return null
  const { balance, readyRedemptions, affordableRewards } = facts
  return (
    <>
      {balance && (
        <ul class="member-facts">
          {balance.pending > 0 && <li>{t('memberPending', { points: points(balance.pending) })}</li>}
          {balance.reserved > 0 && <li>{t('memberReserved', { points: points(balance.reserved) })}</li>}
          {balance.deficit > 0 && <li>{t('memberDeficit', { points: points(balance.deficit) })}</li>}
          {affordableRewards ? <li>{t('memberAffordable', { n: affordableRewards })}</li> : null}
          <li>{t('cardEnding', { digits: facts.cardNumberEnding })}</li>
        </ul>
      )}
      {facts.unclaimed && <p>{t('memberUnclaimed')}</p>}
      {mayRedeem && readyRedemptions.length > 0 && (
        <>
          <h2>{t('handOverTitle')}</h2>
          <ul class="rewards">
            {readyRedemptions.map((redemption) => (
              <RewardRow key={redemption.id} sale={sale} member={member} redemption={redemption} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

interface RewardRowProps {
  sale: Sale
  member: SaleMember & { kind: 'identified' }
  redemption: ReadyRedemptionFragment
}

function RewardRow({ sale, member, redemption }: RewardRowProps) {
  const { locale } = useTill()
  const { t } = locale
  const { points } = useFigures()
  const { id, reward, reservedUntil } = redemption
  const { handOver, problem } = useHandOver(redemption.code, member.identification, () =>
    sale.dispatch({ type: 'handedOver', redemptionId: id }),
  )
  const chosen = sale.state.handOver.includes(id)

  const toggle = () => {
    // A free product is taken off its own line, so it has to be in the basket.
    const { product } = reward
    if (!chosen && product && !sale.state.basket.lines.some((line) => line.product?.id === product.id)) {
      sale.change((basket) => addProduct(basket, knownProduct(product)))
    }
    sale.dispatch({ type: 'toggleHandOver', redemptionId: id })
  }

  return (
    <li class="reward">
      <p class="reward-name">
        <IconGift /> <bdi>{reward.name}</bdi>
      </p>
      <p class="quiet small">
        {points(redemption.points)} · {t('handOverUntil', { time: locale.dateTime(reservedUntil) })}
      </p>
      <Button look={chosen ? 'primary' : 'plain'} aria-pressed={chosen} onClick={toggle}>
        {chosen && <IconCheck />} {t('handOverWithSale')}
      </Button>
      {!chosen && (
        <Confirm
          look="quiet"
          label={t('handOverAlone')}
          question={t('handOverAloneAsk', { reward: reward.name, points: points(redemption.points) })}
          yes={t('handOverYes')}
          no={t('handOverNo')}
          onYes={handOver}
        />
      )}
      <Problem text={problem} />
    </li>
  )
}

/** A reward's code by itself: what it is will be known once it is handed over. */
function LooseReward({ sale, code }: { sale: Sale; code: string }) {
  const { t } = useTill().locale
  const { member } = sale.state
  const leave = () => sale.dispatch({ type: 'looseReward', code: null })
  const identification = member?.kind === 'identified' && member.mayRedeem ? member.identification : null
  const { handOver, problem } = useHandOver(code, identification, leave)
  const [busy, setBusy] = useState(false)
  const press = () => {
    setBusy(true)
    void handOver().finally(() => setBusy(false))
  }
  return (
    <div class="reward" role="group" aria-label={t('rewardScannedTitle')}>
      <p class="reward-name">
        <IconGift /> {t('rewardScannedTitle')}
      </p>
      <p>{t('rewardLoose')}</p>
      <Button look="primary" busy={busy} onClick={press}>
        {t('handOverAlone')}
      </Button>
      <Button look="quiet" onClick={leave}>
        {t('handOverNo')}
      </Button>
      <Problem text={problem} />
    </div>
  )
}

function Problem({ text }: { text: string | undefined }) {
  if (text === undefined) return null
  return (
    <Banner tone="bad" live="alert">
      {text}
    </Banner>
  )
}

/** Hands a reward over by its code, outside any sale; however often it is tried, it is handed over once. */
function useHandOver(code: string, identification: string | null, onDone: () => void) {
  const { session, locale } = useTill()
  const say = useProblems()
  const [problem, setProblem] = useState<string>()
  const key = useRef(crypto.randomUUID())
  const handOver = async () => {
    setProblem(undefined)
    try {
      const input = { identification, code, idempotencyKey: key.current }
      const { redemptionConfirm } = await session.client.request(RedemptionConfirmDocument, { input })
      const { redemption, userErrors } = redemptionConfirm
      const [refused] = userErrors
      if (redemption === null) return setProblem(refused === undefined ? locale.t('handOverFailed') : say(refused))
      toast(locale.t('handedOver', { reward: redemption.reward.name }))
      onDone()
    } catch {
      setProblem(locale.t('handOverFailed'))
    }
  }
  return { handOver, problem }
}
