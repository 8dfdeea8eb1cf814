import { newSale, type SaleState } from './state.ts'

const KEY = 'stampbook.till.sale'
/** Of the shape of what is kept: a newer version of the till does not read an older one's. */
const SHAPE = 1

interface Kept {
  readonly shape: number
  readonly tillId: string
  readonly state: SaleState
}

/** Keeps the sale of this tab through a reload, until it is in the queue or there is nothing in it. */
export function keepSale(tillId: string, state: SaleState): void {
  const { basket, member, reposting, queued } = state
  if (queued || (basket.lines.length === 0 && member === null && reposting === null)) return dropSale()
  const lasting = { ...state, previous: null, scanVerdict: null, reading: false }
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ shape: SHAPE, tillId, state: lasting } satisfies Kept))
  } catch {
    // Where nothing can be stored, an older basket must not come back in the place of this one.
    dropSale()
  }
}

/** The sale that was being rung up in this tab when the page was loaded anew, else a new one. */
export function keptSale(tillId: string): SaleState {
  const text = sessionStorage.getItem(KEY)
  const kept = text === null ? null : (JSON.parse(text) as Kept)
  return kept?.shape === SHAPE && kept.tillId === tillId ? kept.state : newSale()
}

function dropSale(): void {
  sessionStorage.removeItem(KEY)
}
