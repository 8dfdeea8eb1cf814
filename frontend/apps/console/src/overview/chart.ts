export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** The next round number from a list of 1, 2, 5 times a power of ten: where an axis ends. */
export function roundUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) as number) * power
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
