import type { ComponentChildren } from 'preact'
import type { IconComponent } from './icons.tsx'
import { IconAlert, IconCheck, IconInfo } from './icons-more.tsx'

type Tone = 'plain' | 'good' | 'warn' | 'bad'

const toneIcon: Record<Tone, IconComponent> = { plain: IconInfo, good: IconCheck, warn: IconAlert, bad: IconAlert }

interface BannerProps {
  tone?: Tone
  icon?: IconComponent
  /** Spoken when it appears: `status` waits for a pause, `alert` does not. */
  live?: 'status' | 'alert'
  children: ComponentChildren
}

/** What happened, what it means, what to do; colour is never the only sign. */
export function Banner({ tone = 'plain', icon: Icon = toneIcon[tone], live, children }: BannerProps) {
  return (
    <div class={`banner banner-${tone}`} role={live}>
      <Icon />
      <div class="banner-body">{children}</div>
    </div>
  )
}
