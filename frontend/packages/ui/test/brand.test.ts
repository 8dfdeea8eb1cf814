import { expect, test } from 'vitest'
import { brandCss, contrast, palette } from '../src/brand.ts'
import { DEFAULT_HUE } from '../src/defaults.ts'

const hues = Array.from({ length: 72 }, (_, at) => at * 5)

test.each(['light', 'dark'] as const)('every hue has readable text and visible lines, %s', (mode) => {
  for (const hue of hues) {
    const { brand, neutral } = palette(hue, mode)
    for (const scale of [brand, neutral]) {
      const at = (step: number) => scale[step - 1] as string
      for (const surface of [1, 2, 3, 4].map(at)) {
        expect(contrast(at(11), surface), `11 on ${surface}, hue ${hue}`).toBeGreaterThanOrEqual(4.5)
        expect(contrast(at(12), surface), `12 on ${surface}, hue ${hue}`).toBeGreaterThanOrEqual(7)
      }
      for (const surface of [1, 2, 3].map(at)) expect(contrast(at(8), surface), `8 on ${surface}, hue ${hue}`).toBeGreaterThanOrEqual(3)
      expect(contrast(at(9), '#ffffff')).toBeGreaterThanOrEqual(4.5)
      expect(contrast(at(10), '#ffffff')).toBeGreaterThanOrEqual(4.5)
    }
    const page = neutral[0] as string
    expect(contrast(brand[10] as string, page)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(brand[8] as string, page), `solid on page, hue ${hue}`).toBeGreaterThanOrEqual(3)
  }
})

test('the committed default colours are the generated ones (vitest --update writes them)', async () => {
  await expect(brandCss(DEFAULT_HUE)).toMatchFileSnapshot('../src/styles/brand.css')
})
