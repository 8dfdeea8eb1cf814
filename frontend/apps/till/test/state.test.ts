import { describe, expect, test } from 'vitest'
import { addProduct } from '../src/sale/basket.ts'
import { newSale, saleReducer, type SaleAction, type SaleMember, type Verdict } from '../src/sale/state.ts'
import { coffee, milk } from './fixtures.ts'

const scan = { code: 'LY', scannedAt: '2026-11-22T10:00:00Z', basketId: 'bsk_1' }
const noted: SaleMember = { kind: 'noted', scan }
const good: Verdict = { tone: 'good', title: 'Amira', detail: '', about: 'member' }
const refused: Verdict = { tone: 'bad', title: 'Used already', detail: '', about: 'member' }

const run = (...actions: SaleAction[]) => actions.reduce(saleReducer, newSale())
const add = (product = coffee): SaleAction => ({ type: 'change', change: (basket) => addProduct(basket, product) })

describe('the member of a sale', () => {
  test('stays when a second card is refused, which is said beside the scanner', () => {
    const state = run({ type: 'member', member: noted, verdict: good }, { type: 'verdict', verdict: refused })
    expect(state).toMatchObject({ member: noted, memberVerdict: good, scanVerdict: refused })
  })

  test("a first card that is refused is said in the member's place", () => {
    expect(run({ type: 'verdict', verdict: refused })).toMatchObject({
      member: null,
      memberVerdict: refused,
      scanVerdict: null,
    })
  })

  test('another member takes the chosen rewards away', () => {
    const state = run(
      { type: 'member', member: noted, verdict: good },
      { type: 'toggleHandOver', redemptionId: 'rdm_1' },
      { type: 'member', member: { kind: 'practice' }, verdict: good },
    )
    expect(state.handOver).toEqual([])
  })

  test('points go with the member who pays with them', () => {
    const chosen = [
      { type: 'member', member: noted, verdict: good },
      { type: 'payWithPoints', byPoints: { points: 300, amount: 300 } },
    ] as const
    expect(run(...chosen).byPoints).toEqual({ points: 300, amount: 300 })
    expect(run(...chosen, { type: 'forgetMember' }).byPoints).toBeNull()
    expect(run(...chosen, { type: 'member', member: { kind: 'practice' }, verdict: good }).byPoints).toBeNull()
  })

  test('rewards are chosen and left by the same press', () => {
    const once = run({ type: 'toggleHandOver', redemptionId: 'rdm_1' })
    expect(once.handOver).toEqual(['rdm_1'])
    expect(saleReducer(once, { type: 'toggleHandOver', redemptionId: 'rdm_1' }).handOver).toEqual([])
  })
})

describe('the basket of a sale', () => {
  test('can be taken one step back', () => {
    const state = run(add(), add(milk), { type: 'undo' })
    expect(state.basket.lines.map(({ name }) => name)).toEqual([coffee.name])
    expect(state.previous).toBeNull()
  })

  test('keeps its id until the next customer', () => {
    const state = run(add())
    const { id } = state.basket
    expect(saleReducer(state, add(milk)).basket.id).toBe(id)
    expect(saleReducer(state, { type: 'next' }).basket.id).not.toBe(id)
  })

  test('the next customer finds nothing of the last one', () => {
    const state = run(
      add(),
      { type: 'member', member: noted, verdict: good },
      { type: 'unpriced', barcode: '1' },
      { type: 'next' },
    )
    expect(state).toEqual({ ...newSale(), basket: { ...state.basket, lines: [] } })
  })
})
