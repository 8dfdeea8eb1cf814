import type { WalletService } from '../wallet/service.ts'

/** Keeps the app on the device; when a newer one has been fetched it is offered, never put in place under somebody's hands. */
export async function watchForUpdates(wallet: WalletService): Promise<void> {
  const { serviceWorker } = navigator
  const registration = await serviceWorker?.register('/sw.js').catch(() => undefined)
  if (!registration) return
  const offer = (worker: ServiceWorker | null) => {
    if (!worker || !serviceWorker.controller) return
    wallet.offerUpdate(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage({ type: 'SKIP_WAITING' })
    })
  }
  offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', () => installing.state === 'installed' && offer(installing))
  })
}
