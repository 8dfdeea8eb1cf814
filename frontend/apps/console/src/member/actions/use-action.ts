import { useRef, useState } from 'preact/hooks'
import { Attempt } from '../../logic/attempt.ts'
import { type Problems, type UserError, problemText, problemsOf } from '../../logic/errors.ts'
import { useDesk, useLocale } from '../../session/context.ts'

export interface Action {
  busy: boolean
  problems: Problems
  /** Says what is wrong before anything is sent. */
  refuse: (problems: Problems) => void
  /** Sends it under a key that stays the same for the same request; true when it was done. */
  run: (request: object, send: (idempotencyKey: string) => Promise<readonly UserError[]>) => Promise<boolean>
}

/** A form that changes something. @param shown the input fields that it can put a refusal beside */
export function useAction(...shown: string[]): Action {
  const locale = useLocale()
  const desk = useDesk()
  const attempt = useRef(new Attempt())
  const [busy, setBusy] = useState(false)
  const [problems, refuse] = useState<Problems>({})
  const run: Action['run'] = async (request, send) => {
    setBusy(true)
    refuse({})
    try {
      let errors = await send(attempt.current.keyFor(request))
      if (errors.some(({ code }) => code === 'STEP_UP_REQUIRED') && (await desk.confirm())) errors = await send(attempt.current.keyFor(request))
      if (errors.length > 0) {
        refuse(problemsOf(errors, shown))
        return false
      }
      attempt.current.done()
      return true
    } catch (error) {
      refuse({ '': problemText(error, locale) })
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, problems, refuse, run }
}
