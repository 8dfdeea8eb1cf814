/** A code in black on white with its quiet zone; a scanner needs both, in the dark too. */
export function Qr({ path, size, label }: { path: string; size: number; label: string }) {
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path class="qr-paper" d={`M0 0h${size}v${size}h-${size}z`} />
      <path class="qr-ink" d={path} />
    </svg>
  )
}
