import { STEP_SECONDS } from '@stampbook/card/token.ts'

/** Runs round the code while it is the current one. Decorative: a code that is being scanned stays good for another half minute. */
export function Ring({ step, elapsed }: { step: number; elapsed: number }) {
  return (
    <svg class="ring" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <rect class="ring-track" x="1" y="1" width="98" height="98" rx="7" />
      <rect key={step} class="ring-run" x="1" y="1" width="98" height="98" rx="7" pathLength={1} style={{ animationDuration: `${STEP_SECONDS}s`, animationDelay: `${-elapsed}s` }} />
    </svg>
  )
}
