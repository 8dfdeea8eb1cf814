import { type ComponentType, type VNode, h } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useWallet } from './context.ts'
import { loadLater } from './later.ts'

/** A screen that is fetched when it is first shown; what all screens stand on (their styles first) comes with it. */
export function lazy(load: () => Promise<{ default: ComponentType }>, waiting: () => VNode): ComponentType {
  let Loaded: ComponentType | undefined
  return function Lazy() {
    const wallet = useWallet()
    const [, drawAgain] = useState(0)
    useEffect(() => {
      if (Loaded) return
      let shown = true
      // A new version may have replaced the file: loading the page anew gets the new one.
      Promise.all([loadLater(wallet), load()]).then(
        ([, module]) => {
          Loaded = module.default
          if (shown) drawAgain(1)
        },
        () => navigator.onLine && location.reload(),
      )
      return () => void (shown = false)
    }, [])
    return Loaded ? h(Loaded, null) : waiting()
  }
}
