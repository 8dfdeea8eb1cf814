import { IconExpand, IconOffline } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { useLocale } from '../../i18n/index.ts'
import { useMember, usePoints, useWalletState } from '../../shell/context.ts'
import { SignInAgain } from '../../shell/sign-in-again.tsx'
import { CardFace, CardNumber } from './card-face.tsx'
import type { CardFull as CardFullType } from './card-full.tsx'
import { Facts } from './facts.tsx'
import { Ready } from './ready.tsx'
import { TierBar } from './tier-bar.tsx'
import './card.css'

/** The first screen: the code, before anything else; then what it is worth. */
export function CardScreen() {
  const locale = useLocale()
  const { t } = locale
  const { line, seenAt } = useWalletState()
  const { displayName, card, balance, standing } = useMember()
  const [full, setFull] = useState(false)
  const [CardFull, loadFull] = useCardFull()
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
        <button type="button" class="card-tap" aria-label={t('card.expand')} onClick={() => { loadFull(); setFull(true) }}>
          <IconExpand size={18} />
        </button>
        <CardFace onShown={loadFull} />
        <CardNumber number={card.number} />
        {/* One line in both states: nothing moves when the line drops. */}
        <p class={line === 'offline' ? 'card-note card-offline' : 'card-note'} role="status">
          {line === 'offline' && <IconOffline size={18} />}
          {t(line === 'offline' ? 'offline.card' : 'card.renews')}
        </p>
      </section>
      <div class="stack card-side">
        {line === 'ended' && <SignInAgain when={locale.time(seenAt)} />}
        <section class="stack stack-tight" aria-label={t('card.balance')}>
          <Balance active={balance.active} />
          {line !== 'online' && <p class="small quiet">{t('asOf', { when: locale.time(seenAt) })}</p>}
          <TierBar standing={standing} />
        </section>
        <Facts balance={balance} />
        <Ready />
      </div>
      {full && CardFull && <CardFull onClose={() => setFull(false)} />}
    </div>
  )
}

/** The full screen is fetched right after the code is there, so that a tap finds it; a tap before that fetches it too. */
function useCardFull() {
  const [Loaded, setLoaded] = useState<{ component: typeof CardFullType }>()
  const load = () => void import('./card-full.tsx').then(({ CardFull }) => setLoaded((now) => now ?? { component: CardFull }), () => undefined)
  return [Loaded?.component, load] as const
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
