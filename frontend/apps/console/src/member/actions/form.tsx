import { Banner, Button, Field, IconDown, type Look, Select } from '@stampbook/ui'
import type { ComponentChildren, Ref } from 'preact'
import { useId } from 'preact/hooks'
import type { AdjustReason, BalanceFactsFragment, ChangeFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../session/context.ts'

interface DisclosureProps {
  title: string
  open: boolean
  onToggle: () => void
  children: ComponentChildren
}

/** An action by its name; its form opens below. */
export function Disclosure({ title, open, onToggle, children }: DisclosureProps) {
  const id = useId()
  return (
    <div class="action">
      <h3>
        <button type="button" class="action-name" aria-expanded={open} aria-controls={id} onClick={onToggle}>
          {title}
          <IconDown size={16} />
        </button>
      </h3>
      <div id={id} hidden={!open}>
        {open && children}
      </div>
    </div>
  )
}

/** Why, for those who read it later. */
export function Note({ value, onValue, error }: { value: string; onValue: (value: string) => void; error: string | undefined }) {
  const { t } = useLocale()
  return <Field label={t('action.note')} hint={t('action.noteHint')} value={value} onValue={onValue} error={error} maxLength={500} autocomplete="off" />
}

const reasons = ['GOODWILL', 'MISSING_PURCHASE', 'CORRECTION', 'COURTESY', 'FRAUD', 'OTHER'] as const satisfies readonly AdjustReason[]

/** What kind of correction it is, for those who count them later. */
export function ReasonCode({ value, onValue }: { value: AdjustReason; onValue: (value: AdjustReason) => void }) {
  const { t } = useLocale()
  return <Select label={t('action.code')} value={value} onValue={(code) => onValue(code as AdjustReason)} options={reasons.map((code) => ({ value: code, label: t(`reason.${code}`) }))} />
}

interface SubmitProps {
  label: string
  busy: boolean
  disabled?: boolean
  look?: Look
  problem: string | undefined
}

export function Submit({ label, busy, disabled = false, look = 'primary', problem }: SubmitProps) {
  return (
    <>
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      <Button type="submit" look={look} wide busy={busy} disabled={disabled}>
        {label}
      </Button>
    </>
  )
}

const figures = ['active', 'pending', 'reserved', 'deficit'] as const

interface BeforeAfterProps {
  before: BalanceFactsFragment
  after: BalanceFactsFragment
  lots?: ChangeFragment['lots']
  stale?: boolean
}

/** What would change, figure by figure and lot by lot; figures that stay zero are left out. */
export function BeforeAfter({ before, after, lots = [], stale = false }: BeforeAfterProps) {
  const locale = useLocale()
  const { t } = locale
  const rows = [
    ...figures
      .filter((figure) => figure === 'active' || before[figure] > 0 || after[figure] > 0)
      .map((figure) => ({ key: figure, name: t(`member.${figure}`), lot: false, before: before[figure], after: after[figure] })),
    ...lots.map((lot) => ({ key: lot.lotId, name: lot.expiresAt ? t('action.lot', { day: locale.day(lot.expiresAt) }) : t('action.lotForever'), lot: true, before: lot.before, after: lot.after })),
  ]
  return (
    <div class="preview" role="group" aria-label={t('action.preview')} aria-busy={stale}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t('action.preview')}</th>
            <th scope="col" class="number">
              {t('action.before')}
            </th>
            <th scope="col" class="number">
              {t('action.after')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} class={[row.lot && 'preview-lot', row.before !== row.after && 'changed'].filter(Boolean).join(' ')}>
              <th scope="row">{row.name}</th>
              <td class="number">{locale.number(row.before)}</td>
              <td class="number">{locale.number(row.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export const focusFirst: Ref<HTMLInputElement> = (element) => element?.focus()
