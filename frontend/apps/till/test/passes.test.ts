import { expect, test } from 'vitest'
import { RepeatFilter } from '../src/scan/camera.ts'
import { blurred, halved, toGrey, type Grey } from '../src/scan/passes.ts'

function grey(width: number, height: number, at: (x: number, y: number) => number): Grey {
  const data = Uint8ClampedArray.from({ length: width * height }, (_, index) =>
    at(index % width, Math.floor(index / width)),
  )
  return { data, width, height }
}

test('brightness keeps black, grey and white', () => {
  const rgba = Uint8ClampedArray.of(0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255)
  expect([...toGrey(rgba, 3, 1).data]).toEqual([0, 128, 255])
})

test('a blur leaves an even picture alone and spreads a point evenly', () => {
  expect(new Set(blurred(grey(9, 7, () => 200)).data)).toEqual(new Set([200]))
  const { data } = blurred(grey(9, 9, (x, y) => (x === 4 && y === 4 ? 255 : 0)))
  const row = [...data.slice(4 * 9, 5 * 9)]
  const column = Array.from({ length: 9 }, (_, y) => data[y * 9 + 4])
  expect(row).toEqual(column)
  expect(row).toEqual(row.toReversed())
  expect(Math.max(...data)).toBe(row[4])
})

test('half the size is the mean of four, odd edges left out', () => {
  const small = halved(grey(5, 3, (x) => x * 10))
  expect(small).toMatchObject({ width: 2, height: 1 })
  expect([...small.data]).toEqual([5, 25])
})

test('a code held in view counts once, and again after it was away', () => {
  const filter = new RepeatFilter()
  const seen = [0, 100, 2900, 5800, 9000].map((atMs) => filter.isNew('A', atMs))
  expect(seen).toEqual([true, false, false, false, true])
  expect(filter.isNew('B', 9100)).toBe(true)
  expect(filter.isNew('A', 9200)).toBe(true)
})
