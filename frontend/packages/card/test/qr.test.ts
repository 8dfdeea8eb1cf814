import { expect, test, vi } from 'vitest'
import { qrMatrix, QUIET_MODULES, qrPath } from '../src/qr.ts'

const CODE = 'LY0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX'

test('a rotating code is version 3 with four modules of quiet around it', () => {
  expect(qrMatrix(CODE).size).toBe(29)
  expect(qrPath(CODE).size).toBe(29 + 2 * QUIET_MODULES)
})

test('short texts are not made smaller than version 3', () => {
  expect(qrMatrix('2900000000000007').size).toBe(29)
})

test('error correction is Q or better', () => {
  // Format bits beside the upper left finder: two bits of level, XORed with the fixed mask 101010000010010.
  const matrix = qrMatrix(CODE)
  const bits = [0, 1].map((x) => (matrix.get(x, 8) ? 1 : 0))
  expect([bits[0]! ^ 1, bits[1]! ^ 0]).toEqual([1, 1])
})

test('a code for the till is drawn without the tables for other alphabets', () => {
  const decoder = vi.spyOn(globalThis, 'TextDecoder')
  for (const text of [CODE, '2900000000000007', 'LR0123456789ABCDEF']) qrPath(text)
  expect(decoder).not.toHaveBeenCalled()
})

test('the path draws exactly the dark modules', () => {
  const matrix = qrMatrix(CODE)
  const { path, size } = qrPath(CODE)
  const drawn = new Set<number>()
  for (const run of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    const [x, y, width] = run.slice(1).map(Number) as [number, number, number]
    for (let step = 0; step < width; step += 1) drawn.add(y * size + x + step)
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      expect(drawn.has(y * size + x)).toBe(matrix.get(x - QUIET_MODULES, y - QUIET_MODULES))
    }
  }
})

test('a link with small letters is drawn too', () => {
  expect(qrPath('https://shop.example/claim#ABCD').size).toBeGreaterThanOrEqual(37)
})
