import type { IconComponent } from './icons.tsx'

export interface Tab {
  href: string
  label: string
  icon: IconComponent
}

/** The bar of the few places of an app. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, label: word, icon: Icon }) => (
        <a key={href} href={href} aria-current={href === current ? 'page' : undefined}>
          <Icon />
          {word}
        </a>
      ))}
    </nav>
  )
}
