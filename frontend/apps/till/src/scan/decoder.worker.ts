import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { blurred, halved, toGrey, toRgba, type Grey } from './passes.ts'

/** What the page sends: one frame of the camera, which is closed here. */
export interface FrameRequest {
  readonly frame: ImageBitmap
}

/** What it gets back for every frame: the code's text, or null when none was read. */
export interface FrameAnswer {
  readonly text: string | null
}

const OPTIONS: ReaderOptions = {
  formats: ['QRCode', 'EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128'],
  maxNumberOfSymbols: 1,
  tryHarder: true,
}

/** Frames larger than this are reduced first: nothing is gained by more, and a tablet has little time. */
const WIDEST = 1280

prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) },
  fireImmediately: true,
})

const canvas = new OffscreenCanvas(1, 1)
const context = canvas.getContext('2d', { willReadFrequently: true })

addEventListener('message', async ({ data: { frame } }: MessageEvent<FrameRequest>) => {
  const grey = greyOf(frame)
  frame.close()
  const text = (await read(grey)) ?? (await read(blurred(grey))) ?? (await read(halved(grey)))
  postMessage({ text } satisfies FrameAnswer)
})

async function read(picture: Grey): Promise<string | null> {
  const [found] = await readBarcodes(toRgba(picture), OPTIONS)
  return found?.isValid ? found.text : null
}

function greyOf(frame: ImageBitmap): Grey {
  if (context === null) throw new Error('This browser cannot read pictures in a worker.')
  const scale = Math.min(1, WIDEST / frame.width)
  canvas.width = Math.round(frame.width * scale)
  canvas.height = Math.round(frame.height * scale)
  context.drawImage(frame, 0, 0, canvas.width, canvas.height)
  return toGrey(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)
}
