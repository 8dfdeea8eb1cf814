import { ServerClock } from '@stampbook/gql'
import { expect, test } from 'vitest'
import type { TillIdentity } from '../src/device/identity.ts'
import { TillSession } from '../src/session/session.ts'
import { emptyDatabase } from './database.ts'
import { coffee } from './fixtures.ts'

const identity = { clientId: 'til_1', tillId: 'til_1' } as TillIdentity
const full = () => new DOMException('No room', 'QuotaExceededError')

test('the kept products make way for what must not be lost', async () => {
  const session = new TillSession(identity, emptyDatabase(), new ServerClock())
  await session.products.remember([coffee])
  let tries = 0
  const kept = await session.store(async () => {
    tries += 1
    if ((await session.products.count()) > 0) throw full()
    return 'kept'
  })
  expect([kept, tries]).toEqual(['kept', 2])
  expect(await session.catalogue.readAtMs()).toBeNull()
})

test('storage that is full all the same, or refused, says so', async () => {
  const session = new TillSession(identity, emptyDatabase(), new ServerClock())
  const refused = new DOMException('No', 'UnknownError')
  await expect(session.store(() => Promise.reject(full()))).rejects.toThrow('No room')
  await session.products.remember([coffee])
  await expect(session.store(() => Promise.reject(refused))).rejects.toBe(refused)
  expect(await session.products.count()).toBe(1)
})
