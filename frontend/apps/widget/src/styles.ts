let made: CSSStyleSheet | undefined

/**
 * Inherits the shop's font and colours; its box is reserved from the first paint, so the page never moves.
 * A constructed sheet: shops with a strict content security policy allow no inline one.
 */
export function styles(): CSSStyleSheet {
  if (made) return made
  made = new CSSStyleSheet()
  made.replaceSync(`
    :host { display: inline-block; min-block-size: 3.25rem; line-height: 1.2; min-inline-size: min(15rem, 100%); font: inherit; color: inherit; vertical-align: middle }
    [part=box] { display: grid; grid-template-columns: 1fr auto; align-items: center; column-gap: 1rem; min-block-size: 3.25rem }
    [part=points] { grid-column: 1; font-size: .9em; line-height: 1.2; white-space: nowrap }
    [part=number] { font-size: 1.5em; font-variant-numeric: tabular-nums }
    [part=next] { grid-column: 1; font-size: .8em; line-height: 1.2; opacity: .85 }
    [part=button] { grid-column: 2; grid-row: 1 / span 2; display: inline-flex; align-items: center; box-sizing: border-box; min-block-size: 2.75rem; padding: .35em 1em; line-height: 1.2; border: 1px solid; border-radius: .5em; background: transparent; color: inherit; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; white-space: nowrap }
    [part=button]:only-child { grid-column: 1 / -1; justify-content: center }
    [part=button]:hover { text-decoration: underline }
    [part=button]:focus-visible { outline: 3px solid currentcolor; outline-offset: 2px }
    [aria-busy=true] { opacity: .4 }
  `)
  return made
}
