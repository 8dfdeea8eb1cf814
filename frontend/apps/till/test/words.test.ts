import type { Message } from '@stampbook/ui'
import { expect, test } from 'vitest'
import { cardAnswer } from '../src/words/said.ts'
import { isLanguage, languages, loadSpeech } from '../src/words/index.ts'

const english = (await loadSpeech('en')).words
const forms = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message))
const places = (text: string) => new Set(text.match(/\{\w+\}/g))

test.each(languages)('$label says everything, with the same places in it', async ({ value }) => {
  const { words, said } = await loadSpeech(value)
  expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort())
  for (const [key, message] of Object.entries(words) as [keyof typeof english, Message][]) {
    const wanted = places(forms(english[key]).at(-1)!)
    for (const form of forms(message)) {
      expect(form.trim(), key).not.toBe('')
      for (const place of places(form)) expect(wanted, `${key}: ${form}`).toContain(place)
    }
    expect(places(forms(message).at(-1)!), key).toEqual(wanted)
  }
  for (const text of [...Object.values(said?.cards ?? {}), ...Object.values(said?.problems ?? {})]) {
    expect(text.trim()).not.toBe('')
  }
})

test('only languages that there are can be chosen', () => {
  expect(['en', 'es', 'de', 'ar'].every(isLanguage)).toBe(true)
  expect(['fr', '', 'toString', '__proto__'].some(isLanguage)).toBe(false)
})

test.each([
  ['FRESH', 'ROTATING', true, false, 'FRESH'],
  ['FRESH', 'NUMBER', true, false, 'EARN_ONLY'],
  ['FRESH', 'STATIC', true, true, 'UNCLAIMED'],
  ['STALE', 'ROTATING', true, false, 'OUT_OF_STEP'],
  ['STALE', 'ROTATING', false, false, 'STALE'],
  ['CLOCK_AHEAD', 'ROTATING', false, false, 'CLOCK_AHEAD'],
  ['REPLAY', null, false, false, 'REPLAY'],
  [null, null, false, false, 'MALFORMED'],
] as const)('%s by %s is told as what it means', (verdict, trust, mayEarn, unclaimed, answer) => {
  const member = unclaimed ? { unclaimed } : null
  const given = { verdict, trust, mayEarn, member, message: '', identification: null, userErrors: [] }
  expect(cardAnswer(given as never)).toBe(answer)
})
