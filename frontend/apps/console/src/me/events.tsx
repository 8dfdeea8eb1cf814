import type { SecurityRowFragment } from '../generated/graphql.ts'
import { useLocale } from '../session/context.ts'

/** What happened to an account, the newest first; nothing where nothing did. */
export function Events({ events }: { events: readonly SecurityRowFragment[] }) {
  const locale = useLocale()
  if (events.length === 0) return null
  return (
    <section class="stack stack-tight" aria-labelledby="me-events">
      <h2 id="me-events">{locale.t('me.events')}</h2>
      <ul class="methods">
        {events.map(({ id, at, text, device }) => (
          <li key={id}>
            <span class="method-main">
              <bdi>{text}</bdi>
              <span class="quiet small"> {[locale.dateTime(at), device].filter(Boolean).join(' · ')}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
