import type { SaleFactsFragment, WhyFactsFragment } from '../../generated/graphql.ts'
import { useLocale } from '../../session/context.ts'

interface WhyProps {
  explanation: WhyFactsFragment
  lines: SaleFactsFragment['lines'] | undefined
}

/** The rule in words, what counted and what did not and why, limits, rounding. */
export function Why({ explanation: { summary, parts }, lines = [] }: WhyProps) {
  const locale = useLocale()
  const { t } = locale
  const names = (ids: readonly string[]) => ids.map((id) => lines.find((line) => line.id === id)?.name).filter(Boolean).join(', ')
  return (
    <section class="stack stack-tight">
      <h4>{t('detail.why')}</h4>
      <p dir="auto">{summary}</p>
      {parts.length > 0 && (
        <ul class="parts" aria-label={t('detail.parts')}>
          {parts.map((part, at) => (
            <li key={at} class="part">
              <span class={`part-kind part-${part.kind.toLowerCase()}`}>{t(`part.${part.kind}`)}</span>
              <span class="part-text">
                <bdi>{part.text}</bdi>
                {part.ruleId && <span class="quiet small"> {part.ruleVersion === null ? part.ruleId : t('part.rule', { rule: part.ruleId, version: part.ruleVersion })}</span>}
                {part.lineIds.length > 0 && <span class="part-lines">{names(part.lineIds)}</span>}
              </span>
              {part.points !== null && <span class="number">{locale.signed(part.points)}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
