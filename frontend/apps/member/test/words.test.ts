import { Locale } from '@stampbook/ui'
import { expect, test } from 'vitest'
import { rest as arRest } from '../src/i18n/ar-rest.ts'
import { ar } from '../src/i18n/ar.ts'
import { rest as deRest } from '../src/i18n/de-rest.ts'
import { de } from '../src/i18n/de.ts'
import { rest as esRest } from '../src/i18n/es-rest.ts'
import { es } from '../src/i18n/es.ts'
import { rest } from '../src/i18n/en-rest.ts'
import { en } from '../src/i18n/en.ts'
import type { Key } from '../src/i18n/index.ts'
import { refusalText } from '../src/shell/problem.ts'

const english = { ...en, ...rest }
const others = { de: { ...de, ...deRest }, es: { ...es, ...esRest }, ar: { ...ar, ...arRest } }
const places = (message: string | object) =>
  [...new Set(typeof message === 'string' ? [message] : Object.values(message))].flatMap((text) => [...String(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).filter((name) => name !== 'n')

test.each(Object.entries(others))('%s says everything, with the same places', (_, catalog) => {
  const own = Object.entries(catalog).filter(([key]) => !key.startsWith('refusal.'))
  expect(own.map(([key]) => key).sort()).toEqual(Object.keys(english).sort())
  for (const [key, message] of own)
    expect(new Set(places(message)), key).toEqual(new Set(places(english[key as keyof typeof english])))
})

test.each([
  [en, de],
  [en, es],
  [en, ar],
])('the card shown first needs the same words in every language', (first, other) => expect(Object.keys(other).sort()).toEqual(Object.keys(first).sort()))

test('no exclamation marks', () => {
  for (const catalog of [english, ...Object.values(others)]) for (const message of Object.values(catalog)) expect(JSON.stringify(message)).not.toContain('!')
})

test('a refusal is said in the language of the screen, and as the service says it where there are no words for it', () => {
  const german = new Locale<Key>('de', others.de)
  expect(refusalText({ code: 'OUT_OF_STOCK', message: 'None is left.' }, german)).toBe('Gerade ist nichts mehr davon da.')
  expect(refusalText({ code: 'wrong_code', message: 'That code is not right.' }, german)).toMatch(/^Dieser Code/)
  expect(refusalText({ code: 'INVALID', message: 'A name has 1 to 80 characters.' }, german)).toBe('A name has 1 to 80 characters.')
  expect(refusalText({ code: 'OUT_OF_STOCK', message: 'None is left.' }, new Locale<Key>('en', english))).toBe('None is left.')
})

test('every language has words for the same refusals', () => {
  const refusals = Object.values(others).map((catalog) => Object.keys(catalog).filter((key) => key.startsWith('refusal.')).sort())
  for (const one of refusals) expect(one).toEqual(refusals[0])
})
