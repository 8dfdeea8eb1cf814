import { ApiError } from '@stampbook/gql'
import { Banner, Button, ButtonLink, Empty, IconLock, IconRefresh, IconSearch } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { problemText } from '../logic/errors.ts'
import { useDeskState, useLocale } from '../session/context.ts'
import type { Asked } from '../session/use-asked.ts'
import type { Key } from '../words/en.ts'

interface HeadingProps {
  title: string
  children?: ComponentChildren
}

/** The name of a page, in the tab too; announced when the page is new. */
export function Heading({ title, children }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Stampbook`
    if (document.activeElement === document.body || document.activeElement?.closest('a')) heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <div class="heading">
      <h1 ref={heading} tabIndex={-1}>
        <bdi>{title}</bdi>
      </h1>
      {children}
    </div>
  )
}

/** When what is shown is from, and a way to ask again. */
export function AsOf({ at, loading, reload }: Pick<Asked<unknown>, 'at' | 'loading' | 'reload'>) {
  const locale = useLocale()
  return (
    <span class="as-of small quiet">
      {at > 0 && locale.t('asOf', { when: locale.time(at) })}
      <Button look="quiet" aria-label={locale.t('refresh')} busy={loading} onClick={reload}>
        <IconRefresh size={16} />
      </Button>
    </span>
  )
}

/** A question that got no answer: why, and another try. */
export function Failed({ error, reload, title }: { error: unknown; reload: () => void; title?: string }) {
  const locale = useLocale()
  // An installation that does without something is no fault, and trying again would not change it.
  if (error instanceof ApiError && error.code === 'NOT_AVAILABLE')
    return (
      <Banner>
        {title && <strong>{title}</strong>}
        <p>{error.message}</p>
      </Banner>
    )
  return (
    <Banner tone="bad" live="alert">
      {title && <strong>{title}</strong>}
      <p>{problemText(error, locale)}</p>
      <p>
        <Button onClick={reload}>{locale.t('retry')}</Button>
      </p>
    </Banner>
  )
}

export function Forbidden() {
  const { t } = useLocale()
  const { session } = useDeskState()
  return (
    <Empty icon={IconLock} title={t('forbidden.title')}>
      <p>{t('forbidden.body', { roles: session?.roles?.map((role) => t(`role.${role}` as Key)).join(', ') ?? '' })}</p>
    </Empty>
  )
}

export function Missing() {
  const { t } = useLocale()
  return (
    <Empty icon={IconSearch} title={t('missing.title')}>
      <p>{t('missing.body')}</p>
      <ButtonLink href="/console/">{t('nav.overview')}</ButtonLink>
    </Empty>
  )
}
