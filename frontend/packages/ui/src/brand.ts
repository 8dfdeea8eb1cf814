/** Twelve colours as `#rrggbb`: 1-2 page, 3-5 fills, 6-8 lines (8 is 3:1), 9-10 solid under white text, 11-12 text. */
export type Scale = readonly string[]

export interface Palette {
  brand: Scale
  neutral: Scale
}

interface Step {
  /** OKLCH lightness, where the search starts. */
  lightness: number
  /** Upper bound of the chroma; less where sRGB has no such colour. */
  chroma: number
  /** At least this contrast against that colour, reached by moving the lightness away from it. */
  against?: [step: number | 'white', ratio: number]
}

const light: Step[] = [
  { lightness: 0.988, chroma: 0.006 },
  { lightness: 0.972, chroma: 0.012 },
  { lightness: 0.945, chroma: 0.03 },
  { lightness: 0.918, chroma: 0.046 },
  { lightness: 0.886, chroma: 0.06 },
  { lightness: 0.845, chroma: 0.072 },
  { lightness: 0.78, chroma: 0.086 },
  { lightness: 0.68, chroma: 0.11, against: [3, 3] },
  { lightness: 0.6, chroma: 0.17, against: ['white', 4.7] },
  { lightness: 0.54, chroma: 0.16, against: ['white', 5.8] },
  { lightness: 0.53, chroma: 0.14, against: [4, 4.6] },
  { lightness: 0.3, chroma: 0.06, against: [5, 7.5] },
]

const dark: Step[] = [
  { lightness: 0.175, chroma: 0.012 },
  { lightness: 0.21, chroma: 0.018 },
  { lightness: 0.255, chroma: 0.034 },
  { lightness: 0.29, chroma: 0.045 },
  { lightness: 0.33, chroma: 0.055 },
  { lightness: 0.385, chroma: 0.065 },
  { lightness: 0.46, chroma: 0.078 },
  { lightness: 0.5, chroma: 0.1, against: [3, 3] },
  { lightness: 0.6, chroma: 0.17, against: ['white', 4.7] },
  { lightness: 0.54, chroma: 0.16, against: ['white', 5.8] },
  { lightness: 0.78, chroma: 0.13, against: [4, 4.6] },
  { lightness: 0.93, chroma: 0.04, against: [5, 7.5] },
]

/** The neutrals carry this much of the brand's chroma: a trace. */
const trace = 0.14

/** @param hue of the brand, OKLCH degrees. */
export function palette(hue: number, mode: 'light' | 'dark'): Palette {
  const steps = mode === 'light' ? light : dark
  return { brand: scale(hue, steps, 1), neutral: scale(hue, steps, trace) }
}

function scale(hue: number, steps: Step[], share: number): Scale {
  const made: string[] = []
  for (const { lightness, chroma, against } of steps) {
    let l = lightness
    let colour = inGamut(l, chroma * share, hue)
    if (against) {
      const other = against[0] === 'white' ? '#ffffff' : (made[against[0] - 1] as string)
      const direction = luminance(other) > 0.18 ? -0.004 : 0.004
      while (contrast(colour, other) < against[1] && l > 0 && l < 1) {
        l += direction
        colour = inGamut(l, chroma * share, hue)
      }
    }
    made.push(colour)
  }
  return made
}

/** The colour with as much of the chroma as sRGB has room for. */
function inGamut(lightness: number, chroma: number, hue: number): string {
  let c = chroma
  let rgb = linearRgb(lightness, c, hue)
  while (c > 0 && rgb.some((channel) => channel < -0.0005 || channel > 1.0005)) {
    c = Math.max(0, c - 0.003)
    rgb = linearRgb(lightness, c, hue)
  }
  return `#${rgb.map((channel) => hex(encode(Math.min(1, Math.max(0, channel))))).join('')}`
}

/** Björn Ottosson's OKLab matrices, https://bottosson.github.io/posts/oklab/ */
function linearRgb(lightness: number, chroma: number, hue: number): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

const encode = (channel: number) => (channel <= 0.0031308 ? 12.92 * channel : 1.055 * channel ** (1 / 2.4) - 0.055)
const decode = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
const hex = (channel: number) => Math.round(channel * 255).toString(16).padStart(2, '0')

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => decode(Number.parseInt(colour.slice(at, at + 2), 16) / 255))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}

/** The palette as custom properties `--b1`…`--b12` and `--n1`…`--n12`, light and dark. */
export function brandCss(hue: number): string {
  const properties = (mode: 'light' | 'dark') => {
    const { brand, neutral } = palette(hue, mode)
    return [...brand.map((colour, at) => `--b${at + 1}:${colour};`), ...neutral.map((colour, at) => `--n${at + 1}:${colour};`)].join('')
  }
  return `:root{${properties('light')}}\n@media (prefers-color-scheme:dark){:root{${properties('dark')}}}\n`
}
