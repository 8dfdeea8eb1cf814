export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

interface Dated {
  day: string
}

/** Every day of so many up to the last, those that are not known made by `quiet`: an axis of time has no gaps. */
export function everyDay<Day extends Dated>(days: readonly Day[], last: string, count: number, quiet: (day: string) => Day): Day[] {
  const known = new Map(days.map((day) => [day.day, day]))
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.parse(last) - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10)
    return known.get(day) ?? quiet(day)
  })
}

/** The next round number at which an axis may end. */
export function roundUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) as number) * power
}

/** Bars side by side in a box, the tallest possible value at the top; two rows share a place, one beside the other. */
export function bars(values: readonly number[], most: number, width: number, height: number, row: 0 | 1): Bar[] {
  const place = width / Math.max(1, values.length)
  const thick = Math.max(1, Math.min(14, (place - 3) / 2))
  return values.map((value, at) => {
    const tall = most === 0 ? 0 : (value / most) * height
    return { x: at * place + place / 2 - thick + row * thick, y: height - tall, width: thick - 0.5, height: tall }
  })
}
