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
