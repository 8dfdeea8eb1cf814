import { describe, expect, test } from 'vitest'
import { SHAPES } from '../src/scan/use-wedge.ts'
import { IDLE_MS, LONGEST_STALL_MS, WedgeDetector } from '../src/scan/wedge.ts'

const CODE = 'LY0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX'
const CARD_NUMBER = '2900000000000007'
const EAN = '4006381333931'

/** Types a text with one gap between keys; answers the detector and the time of the last key. */
function type(text: string, gapMs: number, detector = new WedgeDetector(), startMs = 1000, intoText = true) {
  let atMs = startMs
  for (const key of text) {
    expect(detector.key(key, atMs, intoText)).toEqual({ kind: 'key' })
    atMs += gapMs
  }
  return { detector, atMs }
}

describe('a scanner', () => {
  test.each([1, 5, 20, 35, 50])('with %i ms between keys is recognised at its Enter', (gapMs) => {
    const { detector, atMs } = type(CODE, gapMs)
    expect(detector.key('Enter', atMs)).toEqual({ kind: 'scan', text: CODE })
  })

  test('may end with Tab, or with silence', () => {
    const tabbed = type(CODE, 5)
    expect(tabbed.detector.key('Tab', tabbed.atMs)).toEqual({ kind: 'scan', text: CODE })
    const silent = type(CODE, 5)
    expect(silent.detector.idle(silent.atMs)).toEqual({ kind: 'key' })
    expect(silent.detector.idle(silent.atMs + IDLE_MS)).toEqual({ kind: 'scan', text: CODE })
    expect(silent.detector.idle(silent.atMs + 2 * IDLE_MS)).toEqual({ kind: 'key' })
  })

  test('that holds shift for capitals is the same scanner', () => {
    const detector = new WedgeDetector()
    let atMs = 0
    for (const key of CODE) {
      detector.key('Shift', atMs)
      detector.key(key, (atMs += 3))
    }
    expect(detector.key('Enter', atMs + 3)).toEqual({ kind: 'scan', text: CODE })
  })

  test('is recognised although the tablet stalls for a moment', () => {
    const start = type(CODE.slice(0, 20), 8)
    const rest = type(CODE.slice(20), 8, start.detector, start.atMs + 130)
    expect(rest.detector.key('Enter', rest.atMs)).toEqual({ kind: 'scan', text: CODE })
  })

  test('can scan twice in a row', () => {
    const first = type(CODE, 5)
    first.detector.key('Enter', first.atMs)
    const second = type('4006381333931', 5, first.detector, first.atMs + 30)
    expect(second.detector.key('Enter', second.atMs)).toEqual({ kind: 'scan', text: '4006381333931' })
  })

  test('that starts while somebody types keeps its own characters only', () => {
    const person = type('choc', 130)
    const scanner = type(CODE, 5, person.detector, person.atMs + 130)
    expect(scanner.detector.pending).toBe(CODE.length)
    expect(scanner.detector.key('Enter', scanner.atMs)).toEqual({ kind: 'scan', text: CODE })
  })
})

describe('on a machine that is held up', () => {
  const read = () => new WedgeDetector(SHAPES)

  test('a code is recognised by what it says, in a field or not', () => {
    for (const intoText of [true, false]) {
      const start = type(CODE.slice(0, 2), 400, read(), 0, intoText)
      expect(start.detector.idle(start.atMs + 900)).toEqual({ kind: 'key' })
      const rest = type(CODE.slice(2), 120, start.detector, start.atMs + 1000, intoText)
      expect(rest.detector.key('Enter', rest.atMs + 5000, intoText)).toEqual({ kind: 'scan', text: CODE })
    }
  })

  test.each([CARD_NUMBER, EAN, '96385074'])('%s outside of any field is a scan, however slowly it comes', (digits) => {
    const { detector, atMs } = type(digits, 700, read(), 0, false)
    expect(detector.key('Enter', atMs, false)).toEqual({ kind: 'scan', text: digits })
  })

  test('a number that has only begun is not ended by silence', () => {
    for (let length = 1; length < CARD_NUMBER.length; length += 1) {
      const start = type(CARD_NUMBER.slice(0, length), 5, read(), 0, false)
      expect(start.detector.idle(start.atMs + 400)).toEqual({ kind: 'key' })
      const rest = type(CARD_NUMBER.slice(length), 5, start.detector, start.atMs + 400, false)
      expect(rest.detector.key('Enter', rest.atMs, false)).toEqual({ kind: 'scan', text: CARD_NUMBER })
    }
  })

  test('a number that is whole is ended by silence, and its late Enter presses nothing', () => {
    for (const digits of [CARD_NUMBER, EAN, '036000291452', '96385074']) {
      const { detector, atMs } = type(digits, 5, read())
      expect(detector.idle(atMs + IDLE_MS)).toEqual({ kind: 'scan', text: digits })
      expect(detector.key('Enter', atMs + 600)).toEqual({ kind: 'suffix' })
      expect(detector.key('Enter', atMs + 700)).toEqual({ kind: 'key' })
      expect(detector.key('Enter', atMs + 2 * LONGEST_STALL_MS)).toEqual({ kind: 'key' })
    }
  })

  test('a scan behind a price that is being typed keeps its own characters only', () => {
    for (const code of [EAN, CODE]) {
      const price = type('12', 200, read())
      const scan = type(code, 5, price.detector, price.atMs + 300)
      expect(scan.detector.pending).toBe(code.length)
      expect(scan.detector.key('Enter', scan.atMs)).toEqual({ kind: 'scan', text: code })
    }
  })
})

describe('a person', () => {
  test('typing a card number and Enter is no scanner', () => {
    const { detector, atMs } = type('2900000000000007', 90)
    expect(detector.key('Enter', atMs)).toEqual({ kind: 'key' })
  })

  test('typing a telephone number and Enter is no scanner, and a pause is no Enter', () => {
    const { detector, atMs } = type('4915112345678', 90, new WedgeDetector(SHAPES))
    expect(detector.idle(atMs + 1000)).toEqual({ kind: 'key' })
    expect(detector.key('Enter', atMs + 1500)).toEqual({ kind: 'key' })
  })

  test('rolling over a few keys is no scanner', () => {
    const { detector, atMs } = type('coffee', 20)
    expect(detector.key('Enter', atMs)).toEqual({ kind: 'key' })
    expect(detector.idle(atMs + 1000)).toEqual({ kind: 'key' })
  })

  test('using arrows or delete breaks a run', () => {
    const { detector, atMs } = type('4006381', 5)
    detector.key('Backspace', atMs)
    const rest = type('333931', 5, detector, atMs + 5)
    expect(rest.detector.key('Enter', rest.atMs)).toEqual({ kind: 'key' })
  })
})
