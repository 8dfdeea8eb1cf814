import { DEFAULT_HUE } from './defaults.ts'

const key = 'stampbook.brand'

/**
 * Recolours the page. The colours are made once for each hue and kept, so that the next start has them before its first
 * paint and without the code that makes them. A constructed style sheet, because the content security policy allows no inline one.
 */
export async function applyBrand(hue: number): Promise<void> {
  const kept = localStorage.getItem(key)
  if (hue === DEFAULT_HUE) {
    localStorage.removeItem(key)
    document.adoptedStyleSheets = []
  } else if (!kept?.startsWith(`${hue} `)) {
    const { brandCss } = await import('./brand.ts')
    localStorage.setItem(key, `${hue} ${brandCss(hue)}`)
    applyKeptBrand()
  }
}

/** The colours of last time, at once. */
export function applyKeptBrand(): void {
  const kept = localStorage.getItem(key)
  if (!kept) return
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(kept.slice(kept.indexOf(' ')))
  document.adoptedStyleSheets = [sheet]
}
