import { createClient } from '@stampbook/gql'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CatalogueReader, MOST_KEPT } from '../src/sale/catalogue.ts'
import { ProductMemory } from '../src/sale/product.ts'
import { Database } from '../src/storage/database.ts'
import { emptyDatabase } from './database.ts'
import { coffee, milk } from './fixtures.ts'

const PAGE = 100

beforeEach(() => void emptyDatabase())

describe('what the till keeps', () => {
  test('is found by words, number and barcode by another start of the page', async () => {
    await new ProductMemory(new Database()).remember([coffee, milk])
    const memory = new ProductMemory(new Database())
    expect(await memory.search('COFF gr')).toMatchObject([{ id: coffee.id }])
    expect(await memory.byBarcode('4006381333931')).toMatchObject({ id: coffee.id })
    expect(await memory.byBarcode('04006381333931')).toMatchObject({ id: coffee.id })
    expect(await memory.byBarcode('11')).toMatchObject({ id: milk.id })
    expect(await memory.byBarcode('96385074')).toBeNull()
  })

  test('comes in the order of the catalogue, what was only met last', async () => {
    const memory = new ProductMemory(new Database())
    const shelf = ['Milk A', 'Milk B', 'Milk C'].map((name, at) => ({ ...milk, id: `prd_${at}`, name }))
    await memory.remember([{ ...milk, id: 'prd_met', name: 'Milk met' }])
    await memory.stock(shelf, 40)
    await memory.remember([shelf[1]!])
    expect((await memory.search('milk')).map(({ name }) => name)).toEqual(['Milk A', 'Milk B', 'Milk C', 'Milk met'])
  })

  test('makes way for a sale', async () => {
    const memory = new ProductMemory(new Database())
    await memory.remember([coffee])
    await memory.clear()
    expect(await memory.count()).toBe(0)
    expect(await memory.byBarcode('4006381333931')).toBeNull()
  })
})

describe('the catalogue', () => {
  /** A service with so many products, and what was asked of it. */
  function serviceWith(count: number) {
    const asked: (string | null)[] = []
    const client = createClient({
      url: 'https://till.example/graphql',
      fetch: async (_, init) => {
        const { after } = (JSON.parse(String(init?.body)) as { variables: { after: string | null } }).variables
        asked.push(after)
        const first = Number(after ?? 0)
        const end = Math.min(first + PAGE, count)
        const nodes = Array.from({ length: end - first }, (_, at) => ({
          id: `prd_${first + at}`,
          sku: String(first + at),
          barcode: null,
          name: `Product ${first + at}`,
          category: '',
          size: null,
          price: { amount: '1.00', currencyCode: 'USD' },
        }))
        const pageInfo = { hasNextPage: end < count, endCursor: String(end) }
        return Response.json({ data: { till: { catalogue: { nodes, pageInfo } } } })
      },
    })
    return { client, asked }
  }

  async function readAll(reader: CatalogueReader) {
    while (await reader.readPage());
  }

  test('is read to its end once, and again when it is old', async () => {
    const { client, asked } = serviceWith(250)
    const memory = new ProductMemory(new Database())
    const reader = new CatalogueReader(client, memory, new Database())
    expect(await reader.readAtMs()).toBeNull()
    await readAll(reader)
    expect(asked).toEqual([null, '100', '200'])
    expect(await memory.count()).toBe(250)
    expect(await reader.readAtMs()).toBeGreaterThan(0)
    await readAll(reader)
    expect(asked).toHaveLength(3)
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 13 * 3_600_000)
    await readAll(reader)
    vi.restoreAllMocks()
    expect(asked).toHaveLength(6)
  })

  test('goes on where it was interrupted, and stops at what the till keeps', async () => {
    const { client, asked } = serviceWith(MOST_KEPT + 250)
    const memory = new ProductMemory(new Database())
    await new CatalogueReader(client, memory, new Database()).readPage()
    await readAll(new CatalogueReader(client, memory, new Database()))
    expect(asked).toHaveLength(MOST_KEPT / PAGE)
    expect(new Set(asked).size).toBe(asked.length)
    expect(await memory.count()).toBe(MOST_KEPT)
  })
})
