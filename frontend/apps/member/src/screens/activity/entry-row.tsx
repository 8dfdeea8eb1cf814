import { IconAlert, IconCheck, IconClock, type IconComponent, IconDown, IconGift, IconPlus, IconReceipt, IconUndo } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import type { EntryFragment, EntryKind } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { Why } from './why.tsx'
import { weight } from './kinds.ts'

const icons: Partial<Record<EntryKind, IconComponent>> = {
  EARN: IconReceipt, NOTE: IconReceipt, EARN_PENDING: IconClock, ACTIVATE: IconCheck, HOLD: IconGift, CAPTURE: IconGift, RELEASE: IconUndo, REDEEM: IconGift,
  EXPIRE: IconClock, REVERSE: IconUndo, CANCEL_PENDING: IconUndo, VOID: IconUndo, ADJUST: IconPlus,
}

/** One posting in one line; opened, it explains itself. */
export function EntryRow({ entry }: { entry: EntryFragment }) {
  const locale = useLocale()
  const { t } = locale
  const [open, setOpen] = useState(false)
  const Icon = icons[entry.kind] ?? IconAlert
  const points = weight(entry)
  const { purchase } = entry
  const detail = [locale.time(entry.occurredAt), purchase && locale.money(purchase.total), entry.kind === 'EARN_PENDING' && t('facts.pending')].filter(Boolean).join(' · ')
  return (
    <li>
      <details class="entry" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="row">
          <span class={points > 0 ? 'disc' : 'disc disc-quiet'}>
            <Icon size={20} />
          </span>
          <span class="row-main">
            <bdi class="row-title">{entry.title}</bdi>
            <br />
            <span class="row-detail">{detail}</span>
          </span>
          <span class={points > 0 ? 'row-end gained' : 'row-end'}>{locale.signed(points)}</span>
          <span class="entry-why">
            <span class="visually-hidden">{t('activity.why')}</span>
            <IconDown size={18} />
          </span>
        </summary>
        {open && <Why entry={entry} />}
      </details>
    </li>
  )
}
