import { useState } from 'preact/hooks'
import { problemText } from '../logic/errors.ts'
import { useLocale } from '../session/context.ts'

export interface Work {
  busy: boolean
  problem: string | undefined
  /** Says what is wrong before anything is sent. */
  refuse: (problem: string) => void
  /** Does it, and says in words why it failed. */
  run: (work: () => Promise<unknown>) => Promise<void>
}

/** Something that a press starts and that may fail. */
export function useWork(): Work {
  const locale = useLocale()
  const [problem, refuse] = useState<string>()
  const [busy, setBusy] = useState(false)
  const run: Work['run'] = async (work) => {
    setBusy(true)
    refuse(undefined)
    try {
      await work()
    } catch (error) {
      // Closing the browser's own passkey window is an answer, not a fault.
      if (!(error instanceof DOMException)) refuse(problemText(error, locale))
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, refuse, run }
}
