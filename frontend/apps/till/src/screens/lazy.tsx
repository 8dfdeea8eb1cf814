import { Skeleton } from '@stampbook/ui'
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
    const { t } = useTill().locale
    const [, drawAgain] = useState(0)
    useEffect(() => {
      if (Loaded !== undefined) return
      // A new version may have replaced the file: loading the page anew gets the new one.
      fetched().then(
        () => drawAgain(1),
        () => navigator.onLine && location.reload(),
      )
    }, [])
    return Loaded === undefined ? <Skeleton label={t('starting')} /> : <Loaded {...props} />
  }
}

/** Fetches the other parts once the till is at work, so that none of them waits when it is wanted. */
export function loadPlaces(): void {
  for (const load of loaders) load().catch(() => undefined)
}
