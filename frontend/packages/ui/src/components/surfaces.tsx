import type { ComponentChildren } from 'preact'
import { IconAlert, IconCheck, type IconComponent, IconInfo } from './icons.tsx'

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

export function Panel({ children, label }: { children: ComponentChildren; label?: string }) {
  return (
    <section class="panel" aria-label={label}>
      {children}
    </section>
  )
}

interface RowProps {
  start?: ComponentChildren
  title: ComponentChildren
  detail?: ComponentChildren
  end?: ComponentChildren
  href?: string
}

/** One line of a `<ul class="rows">`; with `href` all of it is the link. */
export function Row({ start, title, detail, end, href }: RowProps) {
  const inside = (
    <>
      {start}
      <span class="row-main">
        <span class="row-title">{title}</span>
        {detail && (
          <>
            <br />
            <span class="row-detail">{detail}</span>
          </>
        )}
      </span>
      {end !== undefined && <span class="row-end">{end}</span>}
    </>
  )
  return (
    <li>
      {href ? (
        <a class="row" href={href}>
          {inside}
        </a>
      ) : (
        <div class="row">{inside}</div>
      )}
    </li>
  )
}

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
