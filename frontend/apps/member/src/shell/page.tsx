import { Banner, Button, IconBack, IconOffline } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useLocale } from '../i18n/index.ts'
import { useWalletState } from './context.ts'
import { problemText } from './problem.ts'
import { SignInAgain } from './sign-in-again.tsx'

interface PageProps {
  title: string
  /** Where "Back" goes; without it the page is one of the places of the bar. */
  back?: string
  children: ComponentChildren
}

/** A screen with its heading; says at the top when what it shows is old. */
export function Page({ title, back, children }: PageProps) {
  const { t } = useLocale()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title
    // The new screen is announced, and the keyboard starts at its top.
    if (document.activeElement === document.body || document.activeElement?.closest('nav, main')) heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [title])
  return (
    <div class="page stack">
      <header class="page-head">
        {back && (
          <a class="page-back" href={back}>
            <span class="flip">
              <IconBack />
            </span>
            {t('back')}
          </a>
        )}
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
      </header>
      <LineNote />
      {children}
    </div>
  )
}

/** Offline or signed out, said once on each page. */
function LineNote() {
  const locale = useLocale()
  const { line, seenAt, phase } = useWalletState()
  if (line === 'online' || phase !== 'member') return null
  const when = locale.time(seenAt)
  if (line === 'offline')
    return (
      <Banner icon={IconOffline} live="status">
        {locale.t('offline.page', { when })}
      </Banner>
    )
  return <SignInAgain when={when} />
}

/** Nothing kept and nothing answered: say why, and offer another try. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const locale = useLocale()
  return (
    <Banner tone="bad" live="alert">
      <p>{problemText(error, locale)}</p>
      <p>
        <Button onClick={retry}>{locale.t('retry')}</Button>
      </p>
    </Banner>
  )
}
