import { useLocale } from '../session/context.ts'
import type { Hit } from './use-search.ts'

export const memberPath = (id: string) => `/console/members/${encodeURIComponent(id)}`

/** Sixteen digits in fours. */
export const grouped = (number: string) => number.replace(/(.{4})(?=.)/g, '$1 ')

/** The words that tell one member from another: what it was found by, else the e-mail address. */
export function hitDetail({ matchedOn, node }: Hit): string {
  if (matchedOn === 'CARD_NUMBER') return grouped(node.card.number)
  const wanted = matchedOn === 'PHONE' ? 'PHONE' : 'EMAIL'
  const contact = node.contacts.find(({ kind }) => kind === wanted) ?? node.contacts[0]
  return contact?.value ?? grouped(node.card.number)
}

export function HitLink({ hit, current, match }: { hit: Hit; current: boolean; match: string }) {
  const locale = useLocale()
  const { node } = hit
  return (
    <a class="hit" href={memberPath(node.id)} aria-current={current ? 'page' : undefined}>
      <span class="hit-line">
        <bdi class="hit-name">{node.displayName}</bdi>
        <span class="hit-points">{locale.number(node.balance.active)}</span>
      </span>
      <span class="hit-line">
        <bdi class="hit-detail">{hitDetail(hit)}</bdi>
        <span class="tag">{node.status === 'ACTIVE' ? match : locale.t(`status.${node.status}`)}</span>
      </span>
    </a>
  )
}
