import { useEffect, useState } from 'preact/hooks'

/** The page's path and query, e.g. `/rewards/rwd_1?from=card`. */
const here = () => location.pathname + location.search
const changed = 'stampbook:navigate'

export function navigate(to: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  dispatchEvent(new Event(changed))
}

/** Follows the address bar. Plain `<a href>` links inside `base` change it without loading; everything else loads. */
export function usePath(base = '/'): string {
  const [path, setPath] = useState(here)
  useEffect(() => {
    const update = () => setPath(here())
    const click = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.('a')
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
      if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download') || link.hasAttribute('data-load')) return
      if (link.origin !== location.origin || !link.pathname.startsWith(base)) return
      event.preventDefault()
      if (link.pathname + link.search !== here()) navigate(link.pathname + link.search + link.hash)
    }
    addEventListener('popstate', update)
    addEventListener(changed, update)
    document.addEventListener('click', click)
    return () => {
      removeEventListener('popstate', update)
      removeEventListener(changed, update)
      document.removeEventListener('click', click)
    }
  }, [base])
  return path
}
