import type { Document } from '@stampbook/gql'
import { afterEach, expect, test, vi } from 'vitest'
import { Desk } from '../src/session/desk.ts'

const question: Document<{ ok: boolean }, Record<string, never>> = { id: 'sha256:00' }
const challenge = { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication", acr_values="2"' } }
const refusal = () => Response.json({ errors: [{ message: 'confirm that it is you', extensions: { code: 'UNAUTHENTICATED' } }] }, challenge)
const answer = () => Response.json({ data: { ok: true } })

/** A service that gives these answers, one after another. */
function answering(...answers: (() => Response)[]) {
  const send = vi.fn(async () => (answers.shift() as () => Response)())
  vi.stubGlobal('fetch', send)
  return send
}

afterEach(() => vi.unstubAllGlobals())

test('a request that needs a fresh proof is sent again after it', async () => {
  const send = answering(refusal, answer)
  const desk = new Desk()
  const asked = desk.ask(question, {})
  await vi.waitUntil(() => desk.state.proving)
  expect(send).toHaveBeenCalledTimes(1)
  desk.confirmed(true)
  expect(await asked).toEqual({ ok: true })
  expect(desk.state).toMatchObject({ proving: false, ended: false })
})

test('whoever would rather not confirm is refused, and stays signed in', async () => {
  answering(refusal)
  const desk = new Desk()
  const asked = desk.ask(question, {})
  await vi.waitUntil(() => desk.state.proving)
  desk.confirmed(false)
  await expect(asked).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' })
  expect(desk.state).toMatchObject({ proving: false, ended: false })
})

test('one proof is enough for everything that waits for it', async () => {
  answering(refusal, refusal, answer, answer)
  const desk = new Desk()
  const asked = Promise.all([desk.ask(question, {}), desk.ask(question, {})])
  await vi.waitUntil(() => desk.state.proving)
  await new Promise((go) => setTimeout(go))
  desk.confirmed(true)
  expect(await asked).toHaveLength(2)
})

test('a session that ended is another matter', async () => {
  answering(() => Response.json({ errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }] }, { status: 401 }))
  const desk = new Desk()
  await expect(desk.ask(question, {})).rejects.toMatchObject({ kind: 'signedOut' })
  expect(desk.state).toMatchObject({ proving: false, ended: true })
})
