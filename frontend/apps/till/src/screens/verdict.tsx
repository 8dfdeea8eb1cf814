import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useTill } from '../session/context.ts'
import type { Verdict } from '../sale/state.ts'
import type { Tone } from '../scan/feedback.ts'

/** A shape of its own for each tone, so that it is told without colour: circle, triangle, octagon. */
const SHAPES: Record<Tone, JSX.Element> = {
  good: (
    <>
      <circle cx="24" cy="24" r="21" />
      <path class="verdict-mark" d="m14 25 7 7 13-15" />
    </>
  ),
  warn: (
    <>
      <path d="M24 4 46 43H2z" />
      <path class="verdict-mark" d="M24 18v12M24 36v.5" />
    </>
  ),
  bad: (
    <>
      <path d="M16 3h16l13 13v16L32 45H16L3 32V16z" />
      <path class="verdict-mark" d="m16 16 16 16M32 16 16 32" />
    </>
  ),
}

const WORDS = { good: 'toneGood', warn: 'toneWarn', bad: 'toneBad' } as const

/** What a scan came to, in large type: shape, colour and words say the same. Spoken at once. */
export function VerdictBox({ verdict }: { verdict: Verdict }) {
  const { t } = useTill().locale
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [verdict])
  return (
    <div ref={box} class={`verdict verdict-${verdict.tone}`} role={verdict.tone === 'good' ? 'status' : 'alert'}>
      <svg viewBox="0 0 48 48" width="48" height="48" role="img" aria-label={t(WORDS[verdict.tone])}>
        {SHAPES[verdict.tone]}
      </svg>
      <p class="verdict-title">
        <bdi>{verdict.title}</bdi>
      </p>
      {verdict.facts && <p class="verdict-facts">{verdict.facts}</p>}
      {verdict.detail && <p class="verdict-detail">{verdict.detail}</p>}
    </div>
  )
}
