import { expect, test } from 'vitest'
import { digitsOf, looksLikeEmail, told } from '../src/screens/join/validate.ts'
import { deviceName } from '../src/wallet/device.ts'

test.each([
  ['12345678', '12345678'],
  ['1234 5678', '12345678'],
  [' 1234-5678. ', '12345678'],
  ['١٢٣٤٥٦٧٨', '12345678'],
  ['123456789', '12345678'],
  ['abc', ''],
])('code %j is %j', (typed, digits) => expect(digitsOf(typed)).toBe(digits))

test.each([
  ['amira@example.org', true],
  [' amira+points@mail.example.org ', true],
  ['amira@example', false],
  ['amira example@mail.org', false],
  ['', false],
])('address %j: %s', (text, fine) => expect(looksLikeEmail(text)).toBe(fine))

test('a device is called what its owner would call it', () => {
  expect(deviceName('Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36')).toBe('Chrome, Android')
  expect(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Safari/604.1')).toBe('Safari, iPhone')
  expect(deviceName('curl')).toBe('Browser')
})

test('nobody is kept from joining by a language that the programme does not write', () => {
  expect(told('de', { languages: ['en', 'de'] })).toBe('de')
  expect(told('de', { languages: ['en'] })).toBeNull()
})
