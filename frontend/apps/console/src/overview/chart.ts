export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

interface Dated {
  day: string
}

/** Every day from the first to the last, those that were left out made by `quiet`: an axis of time has no gaps. */
export function everyDay<Day extends Dated>(days: readonly Day[], quiet: (day: string) => Day): Day[] {
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last) return []
  const known = new Map(days.map((day) => [day.day, day]))
  const filled: Day[] = []
  for (let at = Date.parse(first.day); at <= Date.parse(last.day); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    filled.push(known.get(day) ?? quiet(day))
  }
  return filled
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
