const listeners = new Set<() => void>()
let waiting: ServiceWorker | undefined

/** Registers the service worker, by which the page starts while the line is down, and watches for a newer version. */
export function startUpdates(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  let reloading = false
  const replaced = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (!replaced || reloading) return
    reloading = true
    location.reload()
  })
  void navigator.serviceWorker.register('/till/sw.js', { scope: '/till/' }).then(
    (registration) => {
      if (registration.waiting) offer(registration.waiting)
      registration.addEventListener('updatefound', () => {
        const installing = registration.installing
        installing?.addEventListener('statechange', () => {
          if (installing.state === 'installed' && navigator.serviceWorker.controller) offer(installing)
        })
      })
    },
    // Without it the till still works, as long as it is not reloaded while the line is down.
    () => undefined,
  )
}

/** Calls back when a newer version is ready. @returns how to stop listening */
export function onUpdateReady(listener: () => void): () => void {
  listeners.add(listener)
  if (waiting !== undefined) listener()
  return () => void listeners.delete(listener)
}

/** Goes over to the newer version; what is queued stays. */
export function applyUpdate(): void {
  waiting?.postMessage({ type: 'SKIP_WAITING' })
}

function offer(worker: ServiceWorker): void {
  waiting = worker
  for (const listener of listeners) listener()
}
