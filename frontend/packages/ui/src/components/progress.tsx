interface ProgressProps {
  /** 0 to 1. */
  share: number
  label: string
  /** What the bar says in words, e.g. "760 of 1,000". */
  text: string
}

export function Progress({ share, label, text }: ProgressProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100)
  return (
    <div class="progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-valuetext={text}>
      <span style={{ inlineSize: `${percent}%` }} />
    </div>
  )
}
