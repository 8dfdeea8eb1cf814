import { Button, IconBarcode, IconKey, IconKeyboard, IconLeave, IconList, IconUser, Mark } from '@stampbook/ui'
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { MeScreen } from '../me/me-screen.tsx'
import { MemberScreen } from '../member/member-screen.tsx'
import { OverviewScreen } from '../overview/overview-screen.tsx'
import { Finder } from '../search/finder.tsx'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'
import { StaffScreen } from '../staff/staff-screen.tsx'
import { TillsScreen } from '../tills/tills-screen.tsx'
import type { Key } from '../words/en.ts'
import { Forbidden, Missing } from './states.tsx'
import { Help } from './help.tsx'
import { useShortcuts } from './shortcuts.ts'

const places = [
  { href: '/console/', label: 'nav.overview', icon: IconList, scope: 'support:read' },
  { href: '/console/tills', label: 'nav.tills', icon: IconBarcode, scope: 'till:manage' },
  { href: '/console/staff', label: 'nav.staff', icon: IconUser, scope: 'audit:read' },
  { href: '/console/me', label: 'nav.me', icon: IconKey, scope: 'account:manage' },
] as const

/** Search and places on the left, one page beside them. */
export function Shell({ path }: { path: string }) {
  const { t } = useLocale()
  const desk = useDesk()
  const { programme, session } = useDeskState()
  const [help, setHelp] = useState(false)
  useShortcuts({ help: () => setHelp((shown) => !shown), close: () => setHelp(false) })
  return (
    <div class="desk">
      <a class="skip" href="#main" data-load onClick={() => document.getElementById('main')?.focus()}>
        {t('skip')}
      </a>
      <header class="side">
        <a class="brand" href="/console/">
          <Mark size={26} />
          <span class="brand-name">{programme?.name ?? 'Stampbook'}</span>
          <span class="tag">{t('app.name')}</span>
        </a>
        <Finder path={path} />
        <nav class="places" aria-label={t('nav.label')}>
          {places
            .filter(({ scope }) => desk.may(scope))
            .map(({ href, label, icon: Icon }) => (
              <a key={href} href={href} aria-current={href === path ? 'page' : undefined}>
                <Icon size={18} />
                {t(label)}
              </a>
            ))}
        </nav>
        <div class="me">
          <div class="me-who">
            <strong>{session?.name}</strong>
            <span class="quiet small">{session?.roles?.map((role) => t(`role.${role}` as Key)).join(', ')}</span>
          </div>
          <Button look="quiet" aria-label={t('help.button')} aria-expanded={help} aria-keyshortcuts="?" onClick={() => setHelp(!help)}>
            <IconKeyboard size={18} />
          </Button>
          <Button look="quiet" aria-label={t('signOut')} onClick={() => void desk.signOut()}>
            <IconLeave size={18} />
          </Button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {screenOf(path, desk.may.bind(desk))}
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  )
}

/** The page of an address, so that a link given to a colleague opens the same. */
function screenOf(path: string, may: (scope: string) => boolean): VNode {
  const member = /^\/console\/members\/([^/]+)\/?$/.exec(path)
  if (!may('support:read')) return <Forbidden />
  if (member) return <MemberScreen key={member[1]} id={decodeURIComponent(member[1] as string)} />
  if (/^\/console\/(overview\/?)?$/.test(path) || path === '/console') return <OverviewScreen />
  if (/^\/console\/tills\/?$/.test(path)) return may('till:manage') ? <TillsScreen /> : <Forbidden />
  if (/^\/console\/staff\/?$/.test(path)) return may('audit:read') ? <StaffScreen /> : <Forbidden />
  if (/^\/console\/me\/?$/.test(path)) return may('account:manage') ? <MeScreen /> : <Forbidden />
  return <Missing />
}
