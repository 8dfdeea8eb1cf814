import { Banner, Button, Field, IconCross, IconStar } from '@stampbook/ui'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { plainDigits } from '../sale/money.ts'
import { fitted, pointsOffer, worthOf, type PointsOffer, type PointsPolicy } from '../sale/tender.ts'
import { useFigures, useStatus, useTill } from '../session/context.ts'
import type { Sale } from '../session/use-sale.ts'

interface PayWithPointsProps {
  sale: Sale
  /** Minor units, after rewards. */
  total: number
  /** Why the service does not take these points; its sentence. */
  problem: string | null
}

/** Points as a part payment: offered to a member whose scan allows spending, chosen with what it comes to in view. */
export function PayWithPoints({ sale, total, problem }: PayWithPointsProps) {
  const { session, programme, locale } = useTill()
  const { t } = locale
  const { money, points } = useFigures()
  const { line } = useStatus(session)
  const [open, setOpen] = useState(false)
  // Where the choice was, the focus goes to the button that brings it back.
  const again = useRef<HTMLButtonElement>(null)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (wasOpen.current && !open) again.current?.focus()
    wasOpen.current = open
  }, [open])
  const { basket, member, byPoints } = sale.state
  useEffect(() => setOpen(false), [basket.id, member])

  const policy = programme.payWithPoints
  const active = member?.kind === 'identified' && member.mayRedeem ? member.facts?.balance?.active : undefined
  if (!policy || active === undefined || basket.lines.length === 0 || line !== 'up') return null
  const offer = pointsOffer(policy, total, active, programme.currencyCode)
  const leave = () => {
    setOpen(false)
    sale.dispatch({ type: 'payWithPoints', byPoints: null })
  }
  const use = (chosen: number) => {
    setOpen(false)
    const amount = worthOf(policy, chosen, programme.currencyCode)
    sale.dispatch({ type: 'payWithPoints', byPoints: { points: chosen, amount } })
  }

  if (open && offer.most >= offer.least) {
    const start = fitted(offer, byPoints?.points ?? offer.most)
    return <Choice policy={policy} offer={offer} active={active} start={start} onUse={use} onLeave={leave} />
  }
  if (byPoints !== null) {
    return (
      <div class="points-payment" role="group" aria-label={t('pointsPay')}>
        <p class="points-chosen">
          <IconStar /> {t('pointsChosen', { points: points(byPoints.points), money: money(byPoints.amount) })}
        </p>
        {problem && (
          <Banner tone="bad" live="alert">
            {problem}
          </Banner>
        )}
        <div class="cluster">
          <Button buttonRef={again} onClick={() => setOpen(true)} disabled={offer.most < offer.least}>
            {t('pointsChange')}
          </Button>
          <Button look="quiet" onClick={leave}>
            <IconCross /> {t('pointsRemove')}
          </Button>
        </div>
      </div>
    )
  }
  if (offer.most < offer.least) {
    const words = offer.bound === 'balance' ? 'pointsTooFew' : 'pointsSaleTooSmall'
    return <p class="quiet small">{t(words, { least: points(offer.least) })}</p>
  }
  const most = { points: points(offer.most), money: money(worthOf(policy, offer.most, programme.currencyCode)) }
  return (
    <Button wide aria-expanded={false} buttonRef={again} onClick={() => setOpen(true)}>
      <IconStar />
      <span>
        {t('pointsPay')}
        <span class="points-most"> {t('pointsUpTo', most)}</span>
      </span>
    </Button>
  )
}

interface ChoiceProps {
  policy: PointsPolicy
  offer: PointsOffer
  active: number
  start: number
  onUse: (points: number) => void
  onLeave: () => void
}

/** How many points: by a slider or a number, with what they pay and what is left of them beside it. */
function Choice({ policy, offer, active, start, onUse, onLeave }: ChoiceProps) {
  const { programme, locale } = useTill()
  const { t } = locale
  const { money, points, percent } = useFigures()
  const [typed, setTyped] = useState(String(start))
  const sliderId = useId()
  const { least, most, step, bound } = offer
  const digits = plainDigits(typed.trim())
  const wanted = /^\d{1,12}$/.test(digits) ? Number(digits) : Number.NaN
  const fits = wanted >= least && wanted <= most && wanted % step === 0
  const shown = fits ? wanted : fitted(offer, Number.isNaN(wanted) ? least : wanted)
  const worth = money(worthOf(policy, shown, programme.currencyCode))
  const limits = { least: points(least), most: points(most), share: percent(policy.maximumShare) }
  const range = [
    t(bound === 'share' ? 'pointsRangeShare' : 'pointsRangeBalance', limits),
    step > 1 && t('pointsStep', { step: points(step) }),
  ]

  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.scrollIntoView({ block: 'nearest' }), [])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (fits) onUse(wanted)
  }
  return (
    <form ref={form} class="points-payment" aria-label={t('pointsPay')} onSubmit={submit} noValidate>
      <p class="points-preview" role="status">
        <strong>{t('pointsOff', { money: worth })}</strong> <span>{t('pointsLeft', { points: points(active - shown) })}</span>
      </p>
      <label class="visually-hidden" for={sliderId}>
        {t('pointsSlider')}
      </label>
      <input
        id={sliderId}
        class="points-slider"
        type="range"
        min={least}
        max={most}
        step={step}
        value={shown}
        aria-valuetext={`${points(shown)}, ${worth}`}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <Field
        label={t('pointsNumber')}
        value={typed}
        onValue={setTyped}
        inputMode="numeric"
        autocomplete="off"
        hint={range.filter(Boolean).join(' ')}
        error={fits ? undefined : t('pointsBad')}
        inputRef={focusAndSelect}
      />
      <div class="cluster">
        <Button type="submit" look="primary" disabled={!fits}>
          {t('pointsUse', { points: points(shown) })}
        </Button>
        <Button look="quiet" onClick={onLeave}>
          {t('pointsLeave')}
        </Button>
      </div>
    </form>
  )
}

const focusAndSelect = (field: HTMLInputElement | null) => {
  if (field !== null && matchMedia('(pointer: fine)').matches) field.select()
}
