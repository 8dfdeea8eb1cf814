import { Banner, Button, Field, IconDown, type Look } from '@stampbook/ui'
import type { ComponentChildren, Ref } from 'preact'
import { useId } from 'preact/hooks'
import type { BalanceFactsFragment } from '../../generated/graphql.ts'
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

/** What would change, figure by figure; those that stay zero are left out. */
export function BeforeAfter({ before, after, stale = false }: { before: BalanceFactsFragment; after: BalanceFactsFragment; stale?: boolean }) {
  const locale = useLocale()
  const { t } = locale
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
          {figures
            .filter((figure) => figure === 'active' || before[figure] > 0 || after[figure] > 0)
            .map((figure) => (
              <tr key={figure} class={before[figure] === after[figure] ? undefined : 'changed'}>
                <th scope="row">{t(`member.${figure}`)}</th>
                <td class="number">{locale.number(before[figure])}</td>
                <td class="number">{locale.number(after[figure])}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}

export const focusFirst: Ref<HTMLInputElement> = (element) => element?.focus()
