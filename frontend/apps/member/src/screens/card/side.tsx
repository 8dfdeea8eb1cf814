import { useLocale } from '../../i18n/index.ts'
import { useMember, useWalletState } from '../../shell/context.ts'
import { usePoints } from '../../shell/points.ts'
import { SignInAgain } from '../../shell/sign-in-again.tsx'
import { Facts } from './facts.tsx'
import { Ready } from './ready.tsx'
import { TierBar } from './tier-bar.tsx'

/** Beside or below the card: what it is worth, and what can be had for it. */
export function Side() {
  const locale = useLocale()
  const { t } = locale
  const { line, seenAt, cardEnded } = useWalletState()
  const { balance, standing } = useMember()
  return (
    <div class="stack card-side">
      {line === 'ended' && !cardEnded && <SignInAgain when={locale.time(seenAt)} />}
      <section class="stack stack-tight" aria-label={t('card.balance')}>
        <Balance active={balance.active} />
        {line !== 'online' && <p class="small quiet">{t('asOf', { when: locale.time(seenAt) })}</p>}
        <TierBar standing={standing} />
      </section>
      <Facts balance={balance} />
      <Ready />
    </div>
  )
}

/** The number changes at once and is never wrong on the way; what came floats beside it and is spoken. */
function Balance({ active }: { active: number }) {
  const locale = useLocale()
  const points = usePoints()
  const { arrival } = useWalletState()
  const gained = arrival && arrival.points !== 0 ? arrival : undefined
  const [number, ...words] = points(active).split(locale.number(active))
  return (
    <p class="balance">
      <span class="balance-line" data-testid="balance">
        {words.length > 0 ? (
          <>
            {number}
            <strong>{locale.number(active)}</strong>
            {words.join('')}
          </>
        ) : (
          <strong>{points(active)}</strong>
        )}
      </span>
      <span class="balance-news" role="status">
        {gained && (
          <span key={gained.id} class="balance-gain">
            {locale.signed(gained.points)}
            <span class="visually-hidden"> {gained.title}</span>
          </span>
        )}
      </span>
    </p>
  )
}
