import { Empty, IconUser, Skeleton } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { type MemberFactsFragment, MemberPageDocument } from '../generated/graphql.ts'
import { keepRecents, recents, withRecent } from '../logic/recent.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import { Actions } from './actions/actions.tsx'
import { Facts } from './facts.tsx'
import { Timeline } from './timeline.tsx'
import { useTimeline } from './use-timeline.ts'
import './member.css'

/** One member: facts on top, everything that happened below, what may be done beside it. */
export function MemberScreen({ id }: { id: string }) {
  const { t } = useLocale()
  const desk = useDesk()
  const { value: member, at, error, loading, reload, set } = useAsked<MemberFactsFragment | null>(`member ${id}`, async (signal) =>
    (await desk.ask(MemberPageDocument, { id }, signal)).staff?.member ?? null,
  )
  const timeline = useTimeline(id)
  const [version, setVersion] = useState(0)
  const again = () => {
    reload()
    timeline.reload()
    setVersion(version + 1)
  }
  const changed = (now?: MemberFactsFragment) => {
    if (now?.id === id) set(now)
    else reload()
    timeline.reload()
    setVersion(version + 1)
  }
  useEffect(() => {
    if (!member) return
    keepRecents(withRecent(recents(), { id: member.id, name: member.displayName }))
    dispatchEvent(new Event('stampbook:recent'))
  }, [member?.id, member?.displayName])

  if (member === undefined)
    return <div class="page">{error === undefined ? <Skeleton label={t('loading')} blocks={4} /> : <Failed error={error} reload={reload} />}</div>
  if (member === null)
    return (
      <Empty icon={IconUser} title={t('member.missing')}>
        <p>{t('member.missingHint')}</p>
      </Empty>
    )
  return (
    <div class="member">
      <div class="member-top stack">
        <Heading title={member.displayName}>
          <span class={`tag ${member.status === 'ACTIVE' ? 'tag-good' : 'tag-warn'}`}>{t(`status.${member.status}`)}</span>
          <AsOf at={at} loading={loading} reload={again} />
        </Heading>
        {error !== undefined && <Failed error={error} reload={reload} />}
        <Facts member={member} version={version} />
      </div>
      <Actions member={member} version={version} onChanged={changed} />
      <Timeline member={member} timeline={timeline} onChanged={changed} />
    </div>
  )
}
