/** How a scan ended, in the three ways that a cashier must tell apart without looking. */
export type Tone = 'good' | 'warn' | 'bad'

interface Note {
  readonly hertz: number
  readonly ms: number
}

const NOTES: Record<Tone, readonly Note[]> = {
  good: [
    { hertz: 880, ms: 70 },
    { hertz: 1320, ms: 110 },
  ],
  warn: [
    { hertz: 660, ms: 120 },
    { hertz: 660, ms: 120 },
  ],
  bad: [{ hertz: 180, ms: 420 }],
}

/** Milliseconds of shaking and pausing in turn. */
const SHAKES: Record<Tone, number[]> = { good: [60], warn: [60, 60, 60], bad: [250] }

const LOUDNESS = 0.15
const GAP_S = 0.04

let context: AudioContext | undefined

/** Beeps and shakes; silent where the browser has no sound or has not been touched yet. */
export function signal(tone: Tone): void {
  navigator.vibrate?.(SHAKES[tone])
  context ??= new AudioContext()
  void context.resume()
  let at = context.currentTime
  for (const { hertz, ms } of NOTES[tone]) {
    beep(context, hertz, at, ms / 1000)
    at += ms / 1000 + GAP_S
  }
}

function beep(audio: AudioContext, hertz: number, start: number, seconds: number): void {
  const oscillator = audio.createOscillator()
  const volume = audio.createGain()
  oscillator.frequency.value = hertz
  volume.gain.setValueAtTime(LOUDNESS, start)
  volume.gain.exponentialRampToValueAtTime(0.001, start + seconds)
  oscillator.connect(volume).connect(audio.destination)
  oscillator.start(start)
  oscillator.stop(start + seconds)
}
