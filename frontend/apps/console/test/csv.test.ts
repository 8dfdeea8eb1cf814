import { expect, test } from 'vitest'
import { toCsv } from '../src/logic/csv.ts'

const lines = (...rows: (string | number | null)[][]) => toCsv(['a', 'b'], rows).split('\r\n').slice(1, -1)

test('is marked as UTF-8 and ends every line as RFC 4180 does', () => {
  expect(toCsv(['at', 'points'], [['2026-11-22', -120]])).toBe('\ufeffat,points\r\n2026-11-22,-120\r\n')
})

test('quotes what holds commas, quotes or line breaks', () => {
  expect(lines(['a "b", c', 'two\nlines'])).toEqual(['"a ""b"", c","two\nlines"'])
})

test('leaves nothing for a spreadsheet to run', () => {
  expect(lines(['=1+1', '@SUM(A1)'], ['+49 30', '-cmd'])).toEqual(["'=1+1,'@SUM(A1)", "'+49 30,'-cmd"])
})

test('numbers stay numbers, nothing stays empty', () => {
  expect(lines([-5, null])).toEqual(['-5,'])
})
