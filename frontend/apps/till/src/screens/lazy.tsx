import { Banner, Button, Skeleton } from '@stampbook/ui'
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useTill } from '../session/context.ts'

const loaders: (() => Promise<void>)[] = []

/** A part of the till that is fetched after what a cashier needs first: scanning and ringing up. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined
  const fetched = async () => {
    Loaded ??= await load()
  }
  loaders.push(fetched)
  return function Lazy(props: Props) {
    const [state, setState] = useState<'loading' | 'loaded' | 'missing'>('loading')
    const fetchIt = (otherwise: () => void) =>
      void fetched().then(
        () => setState('loaded'),
        () => {
          setState('missing')
          otherwise()
        },
      )
    useEffect(() => {
      if (Loaded === undefined) fetchIt(() => undefined)
    }, [])
    if (Loaded !== undefined) return <Loaded {...props} />
    return <Missing missing={state === 'missing'} onAgain={() => fetchIt(loadAnew)} />
  }
}

/** A newer version may have replaced the file; the page as it is now names the right one. */
function loadAnew(): void {
  if (navigator.onLine) location.reload()
}

function Missing({ missing, onAgain }: { missing: boolean; onAgain: () => void }) {
  const { t } = useTill().locale
  if (!missing) return <Skeleton label={t('starting')} />
  return (
    <Banner tone="warn" live="alert">
      <div class="cluster between">
        <span>{t('partMissing')}</span>
        <Button onClick={onAgain}>{t('partMissingDo')}</Button>
      </div>
    </Banner>
  )
}

/** Fetches the other parts once the till is at work, so that none of them waits when it is wanted. */
export function loadPlaces(): void {
  for (const load of loaders) load().catch(() => undefined)
}
