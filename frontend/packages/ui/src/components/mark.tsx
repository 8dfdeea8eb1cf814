/** A stamp: the product's mark, in the colour of the programme. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d={edge} fill="currentColor" />
      <path d="m10 16.5 4.2 4.2L22.5 12" fill="none" stroke="var(--mark-line, #fff)" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}

/** A circle with the scalloped edge of a stamp: twelve lobes. */
const edge = Array.from({ length: 12 }, (_, at) => {
  const corner = (radius: number, turn: number) => `${(16 + radius * Math.sin(turn)).toFixed(1)} ${(16 - radius * Math.cos(turn)).toFixed(1)}`
  const step = Math.PI / 6
  return `${at === 0 ? `M${corner(13, 0)}` : ''}Q${corner(17.2, (at + 0.5) * step)} ${corner(13, (at + 1) * step)}`
}).join('')
