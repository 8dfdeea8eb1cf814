import { Button, Field, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type MemberFactsFragment, type MemberHitFragment, MergeMembersDocument, MergePreviewDocument } from '../../generated/graphql.ts'
import { hitDetail } from '../../search/hit.tsx'
import { useSearch } from '../../search/use-search.ts'
import { useDesk, useLocale } from '../../session/context.ts'
import { useAsked } from '../../session/use-asked.ts'
import { Failed } from '../../shell/states.tsx'
import { BeforeAfter, Note, Submit, focusFirst } from './form.tsx'
import { useAction } from './use-action.ts'

interface Other {
  id: string
  displayName: string
}

interface MergeFormProps {
  survivor: MemberFactsFragment
  /** Gets the survivor, or nothing when a second person has to agree first. */
  onDone: (survivor: MemberFactsFragment | undefined, merged: Other) => void
}

/** Finds the other membership of the same person, shows what would remain, and merges or asks for it. */
export function MergeForm({ survivor, onDone }: MergeFormProps) {
  const [other, setOther] = useState<MemberHitFragment>()
  return other ? <MergeConfirm survivor={survivor} other={other} onBack={() => setOther(undefined)} onDone={onDone} /> : <MergeFind survivor={survivor} onChoose={setOther} />
}

function MergeFind({ survivor, onChoose }: { survivor: MemberFactsFragment; onChoose: (other: MemberHitFragment) => void }) {
  const { t } = useLocale()
  const [text, setText] = useState('')
  const { hits, searching, answered } = useSearch(text)
  const others = hits.filter(({ node }) => node.id !== survivor.id)
  return (
    <div class="stack action-form">
      <Field label={t('merge.find')} hint={t('merge.findHint')} type="search" autocomplete="off" inputRef={focusFirst} value={text} onValue={setText} />
      {answered !== '' && !searching && others.length === 0 && <p class="quiet small">{hits.length > 0 ? t('merge.self') : t('merge.none')}</p>}
      <ul class="hits">
        {others.slice(0, 6).map((hit) => (
          <li key={hit.node.id}>
            <button type="button" class="hit" onClick={() => onChoose(hit.node)}>
              <span class="visually-hidden">{t('merge.choose')} </span>
              <span class="hit-line">
                <bdi class="hit-name">{hit.node.displayName}</bdi>
              </span>
              <bdi class="hit-detail">{hitDetail(hit)}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

interface MergeConfirmProps extends MergeFormProps {
  other: Other
  onBack: () => void
}

function MergeConfirm({ survivor, other, onBack, onDone }: MergeConfirmProps) {
  const { t } = useLocale()
  const desk = useDesk()
  const [reason, setReason] = useState('')
  const { busy, problems, refuse, run } = useAction('reason')
  const { value, error, reload } = useAsked(`merge ${survivor.id} ${other.id} ${survivor.balance.active}`, async (signal) =>
    (await desk.ask(MergePreviewDocument, { survivorId: survivor.id, mergedId: other.id }, signal)).staff?.mergePreview,
  )
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!reason.trim()) return refuse({ reason: t('action.noteMissing') })
    const input = { survivorId: survivor.id, mergedId: other.id, reason: reason.trim() }
    await run(input, async (idempotencyKey) => {
      const { memberMerge } = await desk.ask(MergeMembersDocument, { input: { ...input, idempotencyKey } })
      if (memberMerge.request) {
        toast(t('second.left'))
        onDone(undefined, other)
      } else if (memberMerge.survivor) {
        toast(t('merge.done', { name: other.displayName }))
        onDone(memberMerge.survivor, other)
      }
      return memberMerge.userErrors
    })
  }
  return (
    <form class="stack action-form" onSubmit={submit} noValidate aria-label={t('merge.title')}>
      <p class="effect">{t('merge.chosen', { name: other.displayName, survivor: survivor.displayName })}</p>
      {error !== undefined && <Failed error={error} reload={reload} />}
      {value && <BeforeAfter before={value.survivor.balance} after={value.after} />}
      <p class="quiet small">{t('second.hint')}</p>
      <Note value={reason} onValue={setReason} error={problems.reason} />
      <Submit label={t('merge.do')} busy={busy} look="danger-solid" problem={problems['']} />
      <Button look="quiet" onClick={onBack}>
        {t('merge.other')}
      </Button>
    </form>
  )
}
