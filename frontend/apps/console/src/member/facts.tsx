import { Banner, Progress } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import type { MemberFactsFragment } from '../generated/graphql.ts'
import { grouped } from '../search/hit.tsx'
import { useDesk, useLocale, usePoints } from '../session/context.ts'
import { SignedIn } from './signed-in.tsx'

/** Everything that an agent asks first, at a glance. */
export function Facts({ member, version }: { member: MemberFactsFragment; version: number }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const points = usePoints()
  return (
    <section class="stack" aria-label={t('member.facts')}>
      {member.status === 'MERGED' && <Banner>{t('member.mergedNote')}</Banner>}
      {member.status === 'UNCLAIMED' && <Banner>{t('member.unclaimedNote')}</Banner>}
      {member.balance.deficit > 0 && <Banner tone="warn">{t('member.deficitNote', { points: points(member.balance.deficit) })}</Banner>}
      <Figures member={member} />
      <dl class="facts">
        {member.contacts.map(({ kind, value, verified }) => (
          <Fact key={value} label={t(kind === 'EMAIL' ? 'member.email' : 'member.phone')}>
            <bdi dir="ltr">{value}</bdi> <span class={verified ? 'state state-good' : 'state'}>{t(verified ? 'member.verified' : 'member.unverified')}</span>
          </Fact>
        ))}
        {member.contacts.length === 0 && <Fact label={t('member.email')}>{t('member.noContact')}</Fact>}
        <Fact label={t('member.card')}>
          <bdi dir="ltr">{grouped(member.card.number)}</bdi>
          {member.card.status !== 'ACTIVE' && <span class="state"> {t(`card.${member.card.status}`)}</span>}
        </Fact>
        <Fact label={t('member.joined')}>
          {member.joinedAtStore ? t('member.joinedAt', { day: locale.day(member.joinedAt), store: member.joinedAtStore.name }) : locale.day(member.joinedAt)}
        </Fact>
        <Fact label={t('member.language')}>{new Intl.DisplayNames(locale.language, { type: 'language' }).of(member.language)}</Fact>
        {member.birthday && <Fact label={t('member.birthday')}>{locale.calendarDay(member.birthday)}</Fact>}
        <Fact label={t('member.id')}>
          <code>{member.id}</code>
        </Fact>
        {desk.may('sessions:manage') && <SignedIn id={member.id} version={version} />}
      </dl>
    </section>
  )
}

export function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The points, the tier, and what happens to them next. */
function Figures({ member: { balance, standing } }: { member: MemberFactsFragment }) {
  const locale = useLocale()
  const { t } = locale
  const points = usePoints()
  const { tier, nextTier, pointsToNext, qualifyingPoints, periodEnd, guaranteedUntil } = standing
  const day = locale.calendarDay(periodEnd)
  const [pending] = balance.pendingActivations
  return (
    <div class="figures">
      <dl class="figures-points" aria-label={t('member.balance')}>
        <Figure label={t('member.active')} value={balance.active} main note={balance.nextExpiration ? `${t('member.expires')}: ${t('member.expiresValue', { points: points(balance.nextExpiration.points), day: locale.day(balance.nextExpiration.at) })}` : t('member.expiresNone')} />
        <Figure label={t('member.pending')} value={balance.pending} note={pending && (pending.at ? t('member.unlocks', { points: points(pending.points), day: locale.day(pending.at) }) : t('member.unlocksEvent', { points: points(pending.points) }))} />
        <Figure label={t('member.reserved')} value={balance.reserved} />
        <Figure label={t('member.deficit')} value={balance.deficit} />
        <Figure label={t('member.lifetime')} value={balance.lifetime} />
      </dl>
      <div class="tier">
        <div class="cluster between">
          <strong>{tier.name}</strong>
          {nextTier && <span class="quiet small">{t('member.qualifying', { done: locale.number(qualifyingPoints), need: locale.number(nextTier.threshold) })}</span>}
        </div>
        {nextTier && (
          <Progress label={t('member.tier')} share={qualifyingPoints / nextTier.threshold} text={t('member.qualifying', { done: locale.number(qualifyingPoints), need: locale.number(nextTier.threshold) })} />
        )}
        <p class="quiet small">
          {nextTier ? t('member.toNext', { points: points(pointsToNext ?? 0), tier: nextTier.name, day }) : t('member.topTier', { day })}
          {guaranteedUntil && ` · ${t('member.guaranteed', { tier: tier.name, day: locale.calendarDay(guaranteedUntil) })}`}
        </p>
      </div>
    </div>
  )
}

interface FigureProps {
  label: string
  value: number
  main?: boolean
  note?: string | undefined
}

function Figure({ label, value, main = false, note }: FigureProps) {
  const locale = useLocale()
  return (
    <div class={main ? 'figure figure-main' : 'figure'}>
      <dt>{label}</dt>
      <dd>
        <span class="figure-value">{locale.number(value)}</span>
        {note && <span class="figure-note">{note}</span>}
      </dd>
    </div>
  )
}
