/** The picture of a reward: one sign, drawn large in a tinted disc. */
export function Glyph({ name, large = false }: { name: string; large?: boolean }) {
  return (
    <span class={large ? 'disc disc-large' : 'disc'} aria-hidden="true">
      {name}
    </span>
  )
}
