import { expect, test } from 'vitest'
import { Attempt } from '../src/logic/attempt.ts'

test('a retry of the same request keeps its key', () => {
  const attempt = new Attempt()
  expect(attempt.keyFor({ points: 50 })).toBe(attempt.keyFor({ points: 50 }))
})

test('another request has another key, also when it comes back to the first', () => {
  const attempt = new Attempt()
  const keys = [50, 60, 50].map((points) => attempt.keyFor({ points }))
  expect(new Set(keys).size).toBe(3)
})

test('once answered, the same content is meant anew', () => {
  const attempt = new Attempt()
  const first = attempt.keyFor({ points: 50 })
  attempt.done()
  expect(attempt.keyFor({ points: 50 })).not.toBe(first)
})
