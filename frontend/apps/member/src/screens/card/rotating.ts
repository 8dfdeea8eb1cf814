import { type Credential, STEP_SECONDS, qrPath, rotatingCode } from '@stampbook/card'
import { useEffect, useState } from 'preact/hooks'

export interface ShownCode {
  text: string
  path: string
  size: number
  step: number
  /** Seconds of this step already gone when it was drawn: where the ring starts. */
  elapsed: number
}

/** The code to show now, made on this device and again at every step; undefined for the moment until the first. */
export function useRotatingCode(credential: Credential | null, wantsToRedeem: boolean): ShownCode | undefined {
  const [shown, setShown] = useState<ShownCode>()
  useEffect(() => {
    if (!credential) return setShown(undefined)
    let timer: ReturnType<typeof setTimeout>
    let current = true
    const draw = async () => {
      clearTimeout(timer)
      const { text, step, validForMs } = await rotatingCode(credential, Date.now(), { wantsToRedeem })
      if (!current) return
      setShown((before) => (before?.text === text ? before : { text, step, elapsed: STEP_SECONDS - validForMs / 1000, ...qrPath(text) }))
      timer = setTimeout(draw, validForMs + 20)
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
