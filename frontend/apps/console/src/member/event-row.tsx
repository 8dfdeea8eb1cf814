import { IconCard, IconDown, IconGift, IconKey, IconMail, IconReceipt, IconStar, IconUndo, IconUser, nearDay } from '@stampbook/ui'
import type { IconComponent } from '@stampbook/ui'
import { useId } from 'preact/hooks'
import type { EventRowFragment, MemberFactsFragment, TimelineKind } from '../generated/graphql.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { Detail } from './detail/detail.tsx'
import { actorWords, isElsewhere, kindWord, movedPoints, postedLater } from './event-words.ts'

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
  const posted = postedLater(event, locale)
  const actor = actorWords(event, locale, { ownId: state.session?.identityId ?? undefined, memberName: member.displayName })
  const money = event.return?.total ?? (event.activity ? undefined : event.purchase?.total)
  const elsewhere = isElsewhere(event, member.id)
  // A sale's own row names the shop, which its till does already where it is known.
  const detail = event.kind === 'PURCHASE' && event.purchase ? !event.by?.store && event.purchase.store.name : event.detail !== event.title && event.detail
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
            {actor && <bdi class="event-by">{actor}</bdi>}
            {[posted && t('timeline.posted', { when: posted }), elsewhere && t('timeline.elsewhere'), detail].filter(Boolean).map((said) => (
              <span key={said}>{said}</span>
            ))}
          </span>
        </span>
        <span class="event-actor" title={actor}>
          <bdi>{actor}</bdi>
        </span>
        <span class="event-points">
          {points !== null ? (
            <>
              <bdi class={points > 0 ? 'plus' : points < 0 ? 'minus' : 'quiet'}>{points === 0 ? '0' : locale.signed(points)}</bdi>
              {event.activity && <span class="event-balance">{t('timeline.balance', { n: event.activity.balanceAfter })}</span>}
            </>
          ) : (
            money && <span class="event-money">{event.return ? t('timeline.back', { amount: locale.money(money) }) : locale.money(money)}</span>
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
  const near = nearDay(locale, at)
  const day = locale.day(at, { weekday: true })
  return near ? `${near.charAt(0).toLocaleUpperCase(locale.language)}${near.slice(1)}, ${day}` : day
}
