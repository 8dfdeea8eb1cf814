import { type ComponentType, type VNode, h } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useWallet } from './context.ts'
import { loadLater } from './later.ts'

const PAUSE_MS = 10_000

/** With the line, and not at once after the page was loaded: what is still missing then would be missing again. */
function whenSensible(work: () => void): void {
  if (navigator.onLine) setTimeout(work, PAUSE_MS - performance.now())
  else addEventListener('online', work, { once: true })
}

/** A screen that is fetched when it is first shown; what all screens stand on (their styles first) comes with it. */
export function lazy(load: () => Promise<{ default: ComponentType }>, waiting: () => VNode): ComponentType {
  let Loaded: ComponentType | undefined
  return function Lazy() {
    const wallet = useWallet()
    const [, drawAgain] = useState(0)
    useEffect(() => {
      if (Loaded) return
      let shown = true
      // Where the file cannot be had, the page is loaded anew: a new version may have replaced it.
      Promise.all([loadLater(wallet), load()]).then(
        ([, module]) => {
          Loaded = module.default
          if (shown) drawAgain(1)
        },
        () => shown && whenSensible(() => shown && location.reload()),
      )
      return () => void (shown = false)
    }, [])
    return Loaded ? h(Loaded, null) : waiting()
  }
}
