import type { Credential } from '@stampbook/card/storage.ts'
import { useEffect, useState } from 'preact/hooks'
import { type ShownCode, makeCode } from '../../wallet/code.ts'

/** The code to show now, made on this device and again at every step; `first`, while it is good, until then. */
export function useRotatingCode(credential: Credential | null, wantsToRedeem: boolean, first: ShownCode | undefined): ShownCode | undefined {
  const [shown, setShown] = useState(() => (first && Date.now() < first.until ? first : undefined))
  useEffect(() => {
    if (!credential) return setShown(undefined)
    let timer: ReturnType<typeof setTimeout>
    let current = true
    let made = shown
    const draw = async () => {
      clearTimeout(timer)
      made = await makeCode(credential, wantsToRedeem, made)
      if (!current) return
      setShown(made)
      timer = setTimeout(draw, made.until - Date.now() + 20)
    }
    // A key that the browser half lost makes no code; the wallet replaces it as soon as it is online.
    const lost = () => setShown(undefined)
    // Timers sleep in the background: a page that comes back must not show an old code.
    const wake = () => document.visibilityState === 'visible' && void draw().catch(lost)
    void draw().catch(lost)
    document.addEventListener('visibilitychange', wake)
    return () => {
      current = false
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [credential, wantsToRedeem])
  return shown
}
