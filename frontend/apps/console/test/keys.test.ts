import { expect, test } from 'vitest'
import { commandOf, stepped } from '../src/logic/keys.ts'

const press = (key: string, held: Partial<Record<'altKey' | 'ctrlKey' | 'metaKey', boolean>> = {}) => ({ key, altKey: false, ctrlKey: false, metaKey: false, ...held })

test.each([
  ['/', 'search'],
  ['j', 'next'],
  ['k', 'previous'],
  ['o', 'open'],
  ['a', 'adjust'],
  ['?', 'help'],
  ['x', undefined],
])('%s means %s', (key, command) => expect(commandOf(press(key), false)).toBe(command))

test('somebody who types gets letters, and Escape still leaves', () => {
  expect(commandOf(press('j'), true)).toBeUndefined()
  expect(commandOf(press('Escape'), true)).toBe('close')
})

test('keys of the browser are its own', () => {
  expect(commandOf(press('j', { ctrlKey: true }), false)).toBeUndefined()
  expect(commandOf(press('a', { metaKey: true }), false)).toBeUndefined()
})

test('a step stays inside the list', () => {
  expect(stepped(-1, 1, 3)).toBe(0)
  expect(stepped(2, 1, 3)).toBe(2)
  expect(stepped(0, -1, 3)).toBe(0)
})
