import { IconCard, IconDown, IconGift, IconKey, IconMail, IconReceipt, IconStar, IconUndo, IconUser } from '@stampbook/ui'
import type { IconComponent } from '@stampbook/ui'
import { useId } from 'preact/hooks'
import type { EventRowFragment, MemberFactsFragment, TimelineKind } from '../generated/graphql.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { Detail } from './detail/detail.tsx'
import { actorWords, earlierDay, isElsewhere, kindWord, movedPoints } from './event-words.ts'

const icons: Record<TimelineKind, IconComponent> = {
  POINTS: IconStar, PURCHASE: IconReceipt, RETURN: IconUndo, REDEMPTION: IconGift, SECURITY: IconKey, MESSAGE: IconMail, PROFILE: IconUser, MERGE: IconCard,
}

interface EventRowProps {
  event: EventRowFragment
  member: MemberFactsFragment
  newDay: boolean
  open: boolean
  onToggle: () => void
  onChanged: (member?: MemberFactsFragment) => void
}

/** One thing that happened, in a line; opens in place. */
export function EventRow({ event, member, newDay, open, onToggle, onChanged }: EventRowProps) {
  const locale = useLocale()
  const { t } = locale
  const { state } = useDesk()
  const id = useId()
  const Icon = icons[event.kind]
  const points = movedPoints(event)
  const earlier = earlierDay(event, locale)
  const elsewhere = isElsewhere(event, member.id)
  const detail = event.purchase && !event.activity ? event.purchase.store.name : event.detail !== event.title && event.detail
  return (
    <li class="event" data-kind={event.kind}>
      {newDay && <h3 class="event-day">{dayName(event.at, locale)}</h3>}
      <button type="button" class="event-row" aria-expanded={open} aria-controls={id} onClick={onToggle}>
        <time class="event-time" dateTime={event.at}>
          {locale.time(event.at)}
        </time>
        <span class={`event-kind event-kind-${event.kind.toLowerCase()}`}>
          <Icon size={16} />
          <span>{kindWord(event, locale)}</span>
        </span>
        <span class="event-main">
          <bdi class="event-title">{event.title}</bdi>
          <span class="event-detail">
            {[earlier && t('timeline.of', { when: earlier }), elsewhere && t('timeline.elsewhere'), detail].filter(Boolean).join(' · ')}
          </span>
        </span>
        <span class="event-actor">{event.actor && actorWords(event.actor, locale, state.session?.identityId ?? undefined)}</span>
        <span class="event-points">
          {points !== null ? (
            <>
              <bdi class={points > 0 ? 'plus' : points < 0 ? 'minus' : 'quiet'}>{points === 0 ? '0' : locale.signed(points)}</bdi>
              {event.activity && <span class="event-balance">{t('timeline.balance', { n: event.activity.balanceAfter })}</span>}
            </>
          ) : (
            event.purchase && <span class="event-money">{locale.money(event.purchase.total)}</span>
          )}
        </span>
        <span class="event-open">
          <IconDown size={16} />
        </span>
      </button>
      <div id={id} class="event-detail-pane" hidden={!open}>
        {open && <Detail event={event} member={member} onChanged={onChanged} />}
      </div>
    </li>
  )
}

function dayName(at: string, locale: ReturnType<typeof useLocale>): string {
  const near = locale.nearDay(at)
  const day = locale.day(at, { weekday: true })
  return near ? `${near.charAt(0).toLocaleUpperCase(locale.language)}${near.slice(1)}, ${day}` : day
}
