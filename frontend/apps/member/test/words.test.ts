import { expect, test } from 'vitest'
import { rest as arRest } from '../src/i18n/ar-rest.ts'
import { ar } from '../src/i18n/ar.ts'
import { rest as deRest } from '../src/i18n/de-rest.ts'
import { de } from '../src/i18n/de.ts'
import { rest as esRest } from '../src/i18n/es-rest.ts'
import { es } from '../src/i18n/es.ts'
import { rest } from '../src/i18n/en-rest.ts'
import { en } from '../src/i18n/en.ts'

const english = { ...en, ...rest }
const others = { de: { ...de, ...deRest }, es: { ...es, ...esRest }, ar: { ...ar, ...arRest } }
const places = (message: string | object) =>
  [...new Set(typeof message === 'string' ? [message] : Object.values(message))].flatMap((text) => [...String(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).filter((name) => name !== 'n')

test.each(Object.entries(others))('%s says everything, with the same places', (_, catalog) => {
  expect(Object.keys(catalog).sort()).toEqual(Object.keys(english).sort())
  for (const [key, message] of Object.entries(catalog))
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
