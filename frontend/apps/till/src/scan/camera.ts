import type { FrameAnswer, FrameRequest } from './decoder.worker.ts'

/** Ten looks a second: more costs battery and reads no sooner. */
const INTERVAL_MS = 100
/** The same code held in view counts once, until it has been out of view or unreadable for this long. */
const FORGET_MS = 3000

export type CameraProblem = 'refused' | 'missing' | 'unsupported'

export class CameraError extends Error {
  readonly problem: CameraProblem

  constructor(problem: CameraProblem) {
    super(`The camera cannot be used: ${problem}`)
    this.name = 'CameraError'
    this.problem = problem
  }
}

/**
 * Reads codes from the camera until it is stopped. Frames are looked at in a worker, one at a time.
 * @throws CameraError when there is no camera, or its use was refused
 */
export async function startCamera(video: HTMLVideoElement, onCode: (text: string) => void): Promise<() => void> {
  // The decoder is loaded while the camera opens, so that the first picture is read at once.
  const worker = new Worker(new URL('./decoder.worker.ts', import.meta.url), { type: 'module' })
  const stream = await openStream().catch((error: unknown) => {
    worker.terminate()
    throw error
  })
  video.srcObject = stream
  await video.play()

  const repeats = new RepeatFilter()
  let busy = false
  worker.onmessage = ({ data: { text } }: MessageEvent<FrameAnswer>) => {
    busy = false
    if (text !== null && repeats.isNew(text, performance.now())) onCode(text)
  }
  worker.onerror = () => (busy = false)

  const look = async () => {
    if (busy || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || document.hidden) return
    busy = true
    try {
      const frame = await createImageBitmap(video)
      worker.postMessage({ frame } satisfies FrameRequest, [frame])
    } catch {
      // A camera that is being unplugged or rotated has no frame just now; the next look may have one.
      busy = false
    }
  }
  const timer = setInterval(() => void look(), INTERVAL_MS)
  return () => {
    clearInterval(timer)
    worker.terminate()
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
}

/** Lets a code through once for as long as it stays in view. */
export class RepeatFilter {
  #text: string | null = null
  #seenMs = Number.NEGATIVE_INFINITY

  isNew(text: string, atMs: number): boolean {
    const repeated = text === this.#text && atMs - this.#seenMs < FORGET_MS
    this.#text = text
    this.#seenMs = atMs
    return !repeated
  }
}

async function openStream(): Promise<MediaStream> {
  // Absent where the page was not loaded over https or from localhost.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (devices === undefined) throw new CameraError('unsupported')
  try {
    return await devices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    })
  } catch (error) {
    const refused =
      error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'SecurityError')
    throw new CameraError(refused ? 'refused' : 'missing')
  }
}
