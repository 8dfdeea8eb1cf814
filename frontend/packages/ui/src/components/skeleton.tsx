/** Grey shapes where something is being fetched for the first time. `label` is what a screen reader hears. */
export function Skeleton({ label, blocks = 3 }: { label: string; blocks?: number }) {
  return (
    <div class="stack" role="status">
      <span class="visually-hidden">{label}</span>
      {Array.from({ length: blocks }, (_, at) => (
        <div key={at} class="skeleton skeleton-block" />
      ))}
    </div>
  )
}
