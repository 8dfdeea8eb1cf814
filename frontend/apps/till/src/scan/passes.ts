/** Eight-bit brightness of a picture, row by row. */
export interface Grey {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/** Brightness of RGBA pixels, ITU-R BT.601 in whole numbers. */
export function toGrey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8ClampedArray(width * height)
  for (let at = 0, from = 0; at < data.length; at += 1, from += 4) {
    data[at] = (77 * rgba[from]! + 150 * rgba[from + 1]! + 29 * rgba[from + 2]!) >> 8
  }
  return { data, width, height }
}

/** A Gaussian blur of sigma about 1.1 pixels: the kernel 1 4 6 4 1, across and then down. Takes noise off a dim picture. */
export function blurred({ data, width, height }: Grey): Grey {
  const across = new Uint8ClampedArray(data.length)
  const down = new Uint8ClampedArray(data.length)
  convolve(data, across, width, height, 1, width)
  convolve(across, down, height, width, width, 1)
  return { data: down, width, height }
}

/** Half as wide and high, each pixel the mean of four. Brings a code that fills the picture back to a size that reads. */
export function halved({ data, width, height }: Grey): Grey {
  const small = { width: width >> 1, height: height >> 1 }
  const made = new Uint8ClampedArray(small.width * small.height)
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      const at = 2 * y * width + 2 * x
      made[y * small.width + x] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]! + 2) >> 2
    }
  }
  return { data: made, ...small }
}

/** Grey as RGBA pixels, the form that the decoder takes. */
export function toRgba({ data, width, height }: Grey): ImageData {
  const pixels = new Uint32Array(data.length)
  for (let at = 0; at < data.length; at += 1) pixels[at] = 0xff000000 | (data[at]! * 0x010101)
  return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height)
}

/** One direction of the kernel; `step` leads along the line, `stride` from line to line. Edges repeat. */
function convolve(
  from: Uint8ClampedArray,
  to: Uint8ClampedArray,
  length: number,
  lines: number,
  step: number,
  stride: number,
): void {
  for (let line = 0; line < lines; line += 1) {
    const start = line * stride
    const value = (at: number) => from[start + Math.min(Math.max(at, 0), length - 1) * step]!
    for (let at = 0; at < length; at += 1) {
      const sum = value(at - 2) + 4 * value(at - 1) + 6 * value(at) + 4 * value(at + 1) + value(at + 2)
      to[start + at * step] = (sum + 8) >> 4
    }
  }
}
