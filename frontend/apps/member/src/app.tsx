import { IconCard, IconGift, IconList, IconUser } from '@stampbook/ui/components/icons.tsx'
import { Mark } from '@stampbook/ui/components/mark.tsx'
import { Skeleton } from '@stampbook/ui/components/skeleton.tsx'
import { Tabs } from '@stampbook/ui/components/tabs.tsx'
import type { Locale } from '@stampbook/ui/i18n/locale.ts'
import { usePath } from '@stampbook/ui/router.tsx'
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Key, LocaleContext, loadLocale, preferredLanguage, useLocale } from './i18n/index.ts'
import { CardScreen } from './screens/card/card-screen.tsx'
import { WalletContext, useWalletState } from './shell/context.ts'
import { useLater } from './shell/later.ts'
import { lazy } from './shell/lazy.tsx'
import type { Wallet } from './wallet/wallet.ts'

const Waiting = () => {
  const { t } = useLocale()
  return (
    <div class="page">
      <Skeleton label={t('loading')} />
    </div>
  )
}
const Join = lazy(() => import('./screens/join/join-screen.tsx'), Waiting)
const Rewards = lazy(() => import('./screens/rewards/rewards-screen.tsx'), Waiting)
const Reward = lazy(() => import('./screens/rewards/reward-screen.tsx'), Waiting)
const Claim = lazy(() => import('./screens/rewards/claim-screen.tsx'), Waiting)
const Activity = lazy(() => import('./screens/activity/activity-screen.tsx'), Waiting)
const You = lazy(() => import('./screens/you/you-screen.tsx'), Waiting)
const Devices = lazy(() => import('./screens/you/devices-screen.tsx'), Waiting)
const NotFound = lazy(() => import('./screens/not-found.tsx'), Waiting)

/** Which screen a path is, and which place of the bar it belongs to. */
const routes: readonly [RegExp, ComponentType, tab: string][] = [
  [/^\/$/, CardScreen, '/'],
  [/^\/rewards$/, Rewards, '/rewards'],
  [/^\/rewards\/code\/[^/]+$/, Claim, '/rewards'],
  [/^\/rewards\/[^/]+$/, Reward, '/rewards'],
  [/^\/activity$/, Activity, '/activity'],
  [/^\/you$/, You, '/you'],
  [/^\/you\/devices$/, Devices, '/you'],
]

export function App({ wallet, locale }: { wallet: Wallet; locale: Locale<Key> }) {
  const [current, setLocale] = useState(locale)
  useEffect(() => {
    const follow = () => {
      const language = preferredLanguage()
      const zone = wallet.state.programme?.timeZone
      if (language !== current.language || zone !== current.timeZone) void loadLocale(language, zone).then(setLocale)
    }
    follow()
    addEventListener('stampbook:language', follow)
    const stop = wallet.listen(follow)
    return () => {
      removeEventListener('stampbook:language', follow)
      stop()
    }
  }, [wallet, current])
  useEffect(() => {
    document.documentElement.lang = current.language
    document.documentElement.dir = current.direction
  }, [current])
  return (
    <WalletContext.Provider value={wallet}>
      <LocaleContext.Provider value={current}>
        <Shell />
      </LocaleContext.Provider>
    </WalletContext.Provider>
  )
}

function Shell() {
  const { t } = useLocale()
  const { phase, programme, update } = useWalletState()
  const later = useLater()
  const path = usePath().split('?')[0] as string
  const wantsToJoin = path === '/join' || path.startsWith('/claim')
  const inside = phase === 'member' && !wantsToJoin
  const [Screen, tab] = choose(phase, path, wantsToJoin)
  return (
    <>
      <a class="skip" href="#main" data-load onClick={() => document.getElementById('main')?.focus()}>
        {t('skip')}
      </a>
      {inside && (
        <header class="top">
          <a class="brand" href="/">
            <Mark />
            {programme?.name ?? 'Stampbook'}
          </a>
          <Tabs
            label={t('nav.label')}
            current={tab}
            tabs={[
              { href: '/', label: t('nav.card'), icon: IconCard },
              { href: '/rewards', label: t('nav.rewards'), icon: IconGift },
              { href: '/activity', label: t('nav.activity'), icon: IconList },
              { href: '/you', label: t('nav.you'), icon: IconUser },
            ]}
          />
        </header>
      )}
      <main id="main" tabIndex={-1}>
        {update && later && <later.UpdateNote use={update} />}
        <Screen key={path} />
      </main>
      {later && <later.Toasts />}
    </>
  )
}

function choose(phase: string, path: string, wantsToJoin: boolean): [ComponentType, tab: string] {
  if (phase === 'starting') return [Waiting, '']
  if (phase !== 'member' || wantsToJoin) return [Join, '']
  const found = routes.find(([pattern]) => pattern.test(path))
  return found ? [found[1], found[2]] : [NotFound, '']
}
