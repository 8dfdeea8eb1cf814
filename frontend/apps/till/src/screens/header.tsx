import {
  Button,
  IconAlert,
  IconCheck,
  IconClock,
  IconGlobe,
  IconOffline,
  IconBack,
  IconRefresh,
  IconStar,
  IconUndo,
  IconUser,
} from '@stampbook/ui'
import { useQueue, useStatus, useTill } from '../session/context.ts'

import { Key } from './key.tsx'

export type Place = 'sale' | 'return' | 'enrol' | 'queue' | 'settings'

interface HeaderProps {
  place: Place
  practice: boolean
  onGo: (place: Place) => void
  onPractice: () => void
}

/** The state line: what a cashier must see at one glance, and the ways to the till's other places. */
export function Header({ place, practice, onGo, onPractice }: HeaderProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const { name, store } = session.identity
  return (
    <header class="state-line">
      {practice && (
        <p class="practice-flag" role="status">
          <span class="practice-words">
            <IconAlert /> {t('practiceOn')}
          </span>
        </p>
      )}
      <div class="state-facts">
        <LineState />
        <QueueState place={place} onGo={onGo} />
        <h1 class="state-name">{t('tillAt', { till: name, store: store.name })}</h1>
      </div>
      <nav class="state-actions" aria-label={t('tillMenu')}>
        {place === 'sale' ? (
          <>
            <Button onClick={() => onGo('return')} aria-keyshortcuts="F7">
              <IconUndo /> {t('goReturn')} <Key name="F7" />
            </Button>
            <Button onClick={() => onGo('enrol')} aria-keyshortcuts="F8">
              <IconUser /> {t('goEnrol')} <Key name="F8" />
            </Button>
          </>
        ) : (
          <Button onClick={() => onGo('sale')} aria-keyshortcuts="Escape">
            <span class="leads-back">
              <IconBack />
            </span>{' '}
            {t('goSale')} <Key name="Esc" />
          </Button>
        )}
        <Button look={practice ? 'danger' : 'quiet'} aria-pressed={practice} onClick={onPractice}>
          <IconStar /> {t(practice ? 'practiceLeave' : 'practice')}
        </Button>
        {place === 'sale' && (
          <Button look="quiet" onClick={() => onGo('settings')}>
            <IconGlobe /> {t('goSettings')}
          </Button>
        )}
      </nav>
    </header>
  )
}

function LineState() {
  const { session, locale } = useTill()
  const { line } = useStatus(session)
  const [Icon, word] = (
    {
      up: [IconCheck, 'lineUp'],
      down: [IconOffline, 'lineDown'],
      unknown: [IconRefresh, 'lineUnknown'],
    } as const
  )[line]
  return (
    <p class={`line-state line-${line}`} role="status" data-testid="line">
      <Icon /> {locale.t(word)}
    </p>
  )
}

function QueueState({ place, onGo }: { place: Place; onGo: (place: Place) => void }) {
  const { session, locale } = useTill()
  const { t } = locale
  const posts = useQueue(session)
  const waiting = posts.filter(({ state }) => state === 'waiting').length
  const conflicts = posts.filter(({ state }) => state === 'conflict').length
  const text = [
    waiting > 0 && t('queueCount', { n: waiting }),
    conflicts > 0 && t('queueConflicts', { n: conflicts }),
  ].filter(Boolean)
  return (
    <button
      type="button"
      class={conflicts > 0 ? 'queue-state queue-conflict' : 'queue-state'}
      aria-current={place === 'queue' ? 'page' : undefined}
      onClick={() => onGo('queue')}
    >
      {conflicts > 0 ? <IconAlert /> : <IconClock />} {text.join(' · ') || t('queueEmpty')}
    </button>
  )
}
