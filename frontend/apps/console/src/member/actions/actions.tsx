import { useState } from 'preact/hooks'
import type { MemberFactsFragment } from '../../generated/graphql.ts'
import { WaitingMerges } from '../../merges/waiting.tsx'
import { useDesk, useLocale } from '../../session/context.ts'
import { useShortcuts } from '../../shell/shortcuts.ts'
import { AdjustForm, type Adjusted } from './adjust.tsx'
import { EndSessionsForm } from './end-sessions.tsx'
import { Disclosure } from './form.tsx'
import { MergeForm } from './merge.tsx'
import { ReplaceCardForm } from './replace-card.tsx'
import { UndoAdjust } from './undo-adjust.tsx'
import { UnmergeForm } from './unmerge.tsx'
import './actions.css'

type Name = 'adjust' | 'replace' | 'end' | 'merge' | 'unmerge'

interface ActionsProps {
  member: MemberFactsFragment
  /** Raised when anything about the member changed. */
  version: number
  onChanged: (member?: MemberFactsFragment) => void
}

/** What this role may do to this member, one form open at a time. */
export function Actions({ member, version, onChanged }: ActionsProps) {
  const { t } = useLocale()
  const desk = useDesk()
  const [open, setOpen] = useState<Name>()
  /** Merged a moment ago, so that it can be undone on the spot. */
  const [merged, setMerged] = useState<{ id: string; displayName: string }>()
  /** Corrected a moment ago, likewise. */
  const [adjusted, setAdjusted] = useState<Adjusted>()
  const done = (now?: MemberFactsFragment) => {
    setOpen(undefined)
    onChanged(now)
  }
  const isMerged = member.status === 'MERGED'
  const undoable = isMerged ? member : merged
  const names = [
    desk.may('support:adjust') && !isMerged && 'adjust',
    desk.may('support:adjust') && !isMerged && 'replace',
    desk.may('support:sessions') && 'end',
    desk.may('support:merge') && !isMerged && 'merge',
    desk.may('support:merge') && undoable && 'unmerge',
  ].filter((name): name is Name => Boolean(name))
  useShortcuts(names.includes('adjust') ? { adjust: () => setOpen('adjust') } : {})

  const form = (name: Name) => {
    if (name === 'adjust')
      return (
        <AdjustForm
          member={member}
          onDone={(now, made) => {
            setAdjusted(made)
            done(now)
          }}
        />
      )
    if (name === 'replace') return <ReplaceCardForm member={member} onDone={done} />
    if (name === 'end') return <EndSessionsForm member={member} onDone={done} />
    if (name === 'merge')
      return (
        <MergeForm
          survivor={member}
          onDone={(now, other) => {
            if (now) setMerged(other)
            done(now)
          }}
        />
      )
    return (
      undoable && (
        <UnmergeForm
          merged={undoable}
          onDone={() => {
            setMerged(undefined)
            done()
          }}
        />
      )
    )
  }
  return (
    <section class="actions" aria-labelledby="actions-title">
      <div class="actions-stay">
        {desk.may('support:merge') && !isMerged && (
          <WaitingMerges
            memberId={member.id}
            version={version}
            onDecided={(decided) => {
              if (decided?.survivor.id === member.id) setMerged(decided.merged)
              onChanged(decided?.survivor)
            }}
          />
        )}
        <h2 id="actions-title">{t('actions.title')}</h2>
        {isMerged && <p class="quiet small">{t('actions.merged')}</p>}
        {!isMerged && names.length === 0 && <p class="quiet small">{t('actions.none')}</p>}
        {adjusted && (
          <UndoAdjust
            key={adjusted.id}
            memberId={member.id}
            adjusted={adjusted}
            onDone={(now) => {
              setAdjusted(undefined)
              onChanged(now)
            }}
          />
        )}
        <div class="action-list">
          {names.map((name) => (
            <Disclosure key={name} title={name === 'unmerge' && merged ? t('merge.undo', { name: merged.displayName }) : t(`${name}.title`)} open={open === name} onToggle={() => setOpen(open === name ? undefined : name)}>
              {form(name)}
            </Disclosure>
          ))}
        </div>
      </div>
    </section>
  )
}
