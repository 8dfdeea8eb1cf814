import { Button, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { ApproveMergeDocument, DeclineMergeDocument, type MemberFactsFragment, MergePreviewDocument, type MergeRequestFactsFragment } from '../generated/graphql.ts'
import { BeforeAfter, Note, Submit } from '../member/actions/form.tsx'
import { useAction } from '../member/actions/use-action.ts'
import { Pairs } from '../member/detail/detail.tsx'
import { memberPath } from '../search/hit.tsx'
import { useDesk, useDeskState, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { Failed } from '../shell/states.tsx'

export interface Decided {
  survivor: MemberFactsFragment
  merged: { id: string; displayName: string }
}

interface DecisionProps {
  request: MergeRequestFactsFragment
  /** Whether the two members' pages are a step away. */
  linked: boolean
  /** Gets the two when they were merged. */
  onDone: (decided?: Decided) => void
}

/** What somebody asked to merge, what would remain, and the second person's word on it. */
export function Decision({ request, linked, onDone }: DecisionProps) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { session } = useDeskState()
  const { survivor, merged, askedBy } = request
  const own = askedBy.id === session?.identityId
  const { value, error, reload } = useAsked(`merge request ${request.id}`, async (signal) =>
    (await desk.ask(MergePreviewDocument, { survivorId: survivor.id, mergedId: merged.id }, signal)).staff?.mergePreview,
  )
  return (
    <div class="stack action-form">
      <p class="effect">{t(own ? 'second.own' : 'merge.chosen', { name: merged.displayName, survivor: survivor.displayName })}</p>
      <Pairs
        pairs={[
          [t('second.asked'), own ? t('actor.you') : <bdi>{askedBy.name}</bdi>],
          [t('second.when'), locale.dateTime(request.askedAt)],
          [t('action.note'), <bdi>{request.reason}</bdi>],
          [t('second.until'), locale.dateTime(request.expiresAt)],
          [
            t('second.look'),
            linked && (
              <>
                <MemberLink member={merged} /> · <MemberLink member={survivor} />
              </>
            ),
          ],
        ]}
      />
      {error !== undefined && <Failed error={error} reload={reload} />}
      {value && <BeforeAfter before={value.survivor.balance} after={value.after} />}
      {!own && <Approve request={request} onDone={onDone} />}
      <Decline request={request} own={own} onDone={onDone} />
    </div>
  )
}

function MemberLink({ member }: { member: MergeRequestFactsFragment['merged'] }) {
  return (
    <a href={memberPath(member.id)}>
      <bdi>{member.displayName}</bdi>
    </a>
  )
}

type Part = Pick<DecisionProps, 'request' | 'onDone'>

function Approve({ request, onDone }: Part) {
  const { t } = useLocale()
  const desk = useDesk()
  const { busy, problems, run } = useAction()
  const submit = async (event: Event) => {
    event.preventDefault()
    const input = { requestId: request.id }
    await run(input, async () => {
      const { survivor, merged, userErrors } = (await desk.ask(ApproveMergeDocument, { input })).memberMergeApprove
      if (survivor && merged) {
        toast(t('merge.done', { name: merged.displayName }))
        onDone({ survivor, merged })
      }
      return userErrors
    })
  }
  return (
    <form class="stack" onSubmit={submit} aria-label={t('second.approve')}>
      <Submit label={t('second.approve')} busy={busy} look="danger-solid" problem={problems['']} />
    </form>
  )
}

function Decline({ request, own, onDone }: Part & { own: boolean }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const label = t(own ? 'second.withdraw' : 'second.decline')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { requestId: request.id, reason: reason.trim() }
    await run(input, async () => {
      const { memberMergeDecline } = await desk.ask(DeclineMergeDocument, { input })
      if (memberMergeDecline.request) {
        toast(t(own ? 'second.withdrawn' : 'second.declined'))
        onDone()
      }
      return memberMergeDecline.userErrors
    })
  }
  if (!asking)
    return (
      <Button look="quiet" onClick={() => setAsking(true)}>
        {label}
      </Button>
    )
  return (
    <form class="stack" onSubmit={submit} noValidate aria-label={label}>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <Submit label={label} look="plain" busy={busy} problem={problems['']} />
    </form>
  )
}
