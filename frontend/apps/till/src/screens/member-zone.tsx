import { Banner, Button, Confirm, IconCheck, IconGift, IconUser } from '@stampbook/ui'
import { toast } from '@stampbook/ui'
import { useRef, useState } from 'preact/hooks'
import { RedemptionConfirmDocument, type ReadyRedemptionFragment } from '../generated/graphql.ts'
import { addProduct } from '../sale/basket.ts'
import { knownProduct } from '../sale/product.ts'
import type { SaleMember } from '../sale/state.ts'
import { useFigures, useTill } from '../session/context.ts'
import type { Sale } from '../session/use-sale.ts'
import { VerdictBox } from './verdict.tsx'

interface MemberZoneProps {
  sale: Sale
  /** Why the chosen rewards cannot go with this basket. */
  problem: string | null
}

/** Who the sale is for, as far as the scan allows to see, and what is ready to be handed over. */
export function MemberZone({ sale, problem }: MemberZoneProps) {
  const { t } = useTill().locale
  const { member, memberVerdict: shown } = sale.state
  return (
    <section class="zone zone-member" aria-label={t('memberZone')}>
      {shown && <VerdictBox verdict={shown} />}
      {!shown && member === null && (
        <div class="member-none">
          <IconUser size={32} />
          <p class="verdict-title">{t('readyToScan')}</p>
          <p class="quiet">{t('readyToScanDetail')}</p>
        </div>
      )}
      {member?.kind === 'identified' && <Identified sale={sale} member={member} />}
      {problem && (
        <Banner tone="warn" live="alert">
          {problem}
        </Banner>
      )}
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
  const { session, locale } = useTill()
  const { t } = locale
  const { points } = useFigures()
  const [problem, setProblem] = useState<string>()
  const key = useRef(crypto.randomUUID())
  const { id, reward, reservedUntil } = redemption
  const chosen = sale.state.handOver.includes(id)

  const toggle = () => {
    // A free product is taken off its own line, so it has to be in the basket.
    const { product } = reward
    if (!chosen && product && !sale.state.basket.lines.some((line) => line.product?.id === product.id)) {
      sale.change((basket) => addProduct(basket, knownProduct(product)))
    }
    sale.dispatch({ type: 'toggleHandOver', redemptionId: id })
  }
  const handOver = async () => {
    setProblem(undefined)
    try {
      const input = { identification: member.identification, code: redemption.code, idempotencyKey: key.current }
      const { redemptionConfirm } = await session.client.request(RedemptionConfirmDocument, { input })
      const [refused] = redemptionConfirm.userErrors
      if (refused !== undefined) return setProblem(refused.message)
      toast(t('handedOver', { reward: reward.name }))
      sale.dispatch({ type: 'handedOver', redemptionId: id })
    } catch {
      setProblem(t('returnFailed'))
    }
  }

  return (
    <li class="reward">
      <p class="reward-name">
        <IconGift /> {reward.name}
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
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
    </li>
  )
}
