import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Line, type LineState } from '../src/device/line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function lineWith(answers: (attempt: number) => boolean) {
  let attempts = 0
  let answered = 0
  const states: LineState[] = []
  const line = new Line({
    probe: async () => {
      attempts += 1
      if (!answers(attempts)) throw new Error('silence')
    },
    onAnswer: () => void (answered += 1),
    onChange: (state) => void states.push(state),
  })
  return { line, states, counts: () => ({ attempts, answered }) }
}

test('is tried sooner after a failure, and less and less often', async () => {
  const { line, states, counts } = lineWith(() => false)
  line.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(states).toEqual(['down'])
  await vi.advanceTimersByTimeAsync(2000 + 4000 + 8000)
  expect(counts().attempts).toBe(4)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(counts().attempts).toBe(6)
  line.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(counts().attempts).toBe(6)
})

test('tells of every answer, so that what waits is sent, but of a change only once', async () => {
  const { line, states, counts } = lineWith((attempt) => attempt > 1)
  line.start()
  await vi.advanceTimersByTimeAsync(2000 + 15_000)
  expect(states).toEqual(['down', 'up'])
  expect(counts().answered).toBe(2)
  line.stop()
})

test('learns from other requests', async () => {
  const { line, states } = lineWith(() => true)
  line.start()
  await vi.advanceTimersByTimeAsync(0)
  line.saw('down')
  line.saw('down')
  expect(states).toEqual(['up', 'down'])
  expect(line.state).toBe('down')
  line.stop()
})
