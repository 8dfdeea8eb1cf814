import type { ComponentChildren } from 'preact'
import type { IconComponent } from './icons.tsx'

/** Nothing here yet, and what would change that. */
export function Empty({ icon: Icon, title, children }: { icon: IconComponent; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="disc disc-quiet">
        <Icon size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}

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
