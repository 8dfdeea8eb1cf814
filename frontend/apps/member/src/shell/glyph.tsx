/** The set that rewards name their picture from; 24 by 24, drawn with a line. */
const pictures: Record<string, string> = {
  banana: 'M6 4c-.5 8 4 13 13 13.5l1.5-1.5c-6-2-10-6-11.5-12zM6 4l2.5-.5M19 17.5l.5 1.5',
  box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8M8 6l8 4',
  basket: 'M3.5 10h17l-2 9.5h-13zM8 10l3.5-6M16 10l-3.5-6M9 13.5v3M12 13.5v3M15 13.5v3',
  coffee: 'M5 9h12v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM17 10.5h1.5a2.5 2.5 0 0 1 0 5H17M9 5.5v-2M13 5.5v-2',
  egg: 'M12 3.5c3.5 0 6.5 5.5 6.5 10a6.5 6.5 0 0 1-13 0c0-4.5 3-10 6.5-10ZM9 13a3 3 0 0 0 2 3.5',
  percent: 'M6.5 17.5l11-11M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM16 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  tag: 'M4 4h8l8 8-8 8-8-8zM8.5 8.5v.01',
  ticket: 'M3.5 7h17v3.5a1.5 1.5 0 0 0 0 3V17h-17v-3.5a1.5 1.5 0 0 0 0-3zM14 7v2M14 11v2M14 15v2',
}
const gift = 'M4 12v8h16v-8M3 8h18v4H3zM12 8v12M12 8S7.5 8 7.5 5.5 11 3 12 8Zm0 0s4.5 0 4.5-2.5S13 3 12 8Z'

/** Signs that stand for a picture of the set, so that they look the same on every device. */
const signs: Record<string, string> = { '🍌': 'banana', '📦': 'box', '🧺': 'basket', '☕': 'coffee', '🥚': 'egg', '💵': 'tag', '🏷️': 'tag', '🎟️': 'ticket' }

/** The picture of a reward in a tinted disc; a present where the set has no such name. Decorative: the name stands beside it. */
export function Glyph({ name, large = false }: { name: string; large?: boolean }) {
  const size = large ? 44 : 22
  const path = pictures[signs[name] ?? name]
  // Any other sign is shown as the device draws it.
  if (!path && /[^\w-]/.test(name)) return <span class={large ? 'disc disc-large' : 'disc'} aria-hidden="true">{name}</span>
  return (
    <span class={large ? 'disc disc-large' : 'disc'}>
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={large ? 1.3 : 1.6} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
        <path d={path ?? gift} />
      </svg>
    </span>
  )
}
