import { useState } from 'preact/hooks'
import { MergeRequestsDocument } from '../generated/graphql.ts'
import { Disclosure } from '../member/actions/form.tsx'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { Failed } from '../shell/states.tsx'
import { type Decided, Decision } from './decision.tsx'
import './merges.css'

interface WaitingMergesProps {
  /** Those about this member only. */
  memberId?: string
  /** Raised when they may have changed. */
  version?: number
  onDecided?: (decided?: Decided) => void
}

/** Merges that wait for a second person, the longest waiting first; nothing where none does. */
export function WaitingMerges({ memberId, version = 0, onDecided }: WaitingMergesProps) {
  const { t } = useLocale()
  const desk = useDesk()
  const [open, setOpen] = useState<string>()
  const { value, error, reload } = useAsked(`merges ${memberId ?? ''} ${version}`, async (signal) => (await desk.ask(MergeRequestsDocument, { memberId: memberId ?? null }, signal)).staff)
  if (error !== undefined) return <Failed error={error} reload={reload} />
  const requests = value?.mergeRequests.nodes ?? []
  if (!value || requests.length === 0) return null
  const title = t('second.title', { n: memberId ? requests.length : value.mergeRequestCount })
  return (
    <section class={memberId ? 'waiting' : 'waiting panel'} aria-label={title}>
      <h2>{title}</h2>
      {requests.map((request) => (
        <Disclosure
          key={request.id}
          title={t('second.pair', { name: request.merged.displayName, survivor: request.survivor.displayName })}
          open={open === request.id}
          onToggle={() => setOpen(open === request.id ? undefined : request.id)}
        >
          <Decision
            request={request}
            linked={!memberId}
            onDone={(decided) => {
              reload()
              onDecided?.(decided)
            }}
          />
        </Disclosure>
      ))}
    </section>
  )
}
