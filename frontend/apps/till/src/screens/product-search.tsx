import { IconSearch } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ProductSearchDocument } from '../generated/graphql.ts'
import { addProduct, type Basket } from '../sale/basket.ts'
import { knownProduct, type KnownProduct } from '../sale/product.ts'
import { useFigures, useStatus, useTill } from '../session/context.ts'
import { Key } from './key.tsx'

const SETTLE_MS = 120
const SHORTEST = 2
/** One such field on the page; the till's shortcut finds it by this. */
const ID = 'product-search'

interface Results {
  readonly products: readonly KnownProduct[]
  readonly fromMemory: boolean
}

/** Finds products by name or number as it is typed; arrows and Enter ring one up. */
export function ProductSearch({ onProduct }: { onProduct: (change: (basket: Basket) => Basket) => void }) {
  const { locale } = useTill()
  const { t } = locale
  const { money } = useFigures()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const results = useResults(text)
  const field = useRef<HTMLInputElement>(null)
  const products = results?.products ?? []

  const choose = (product: KnownProduct) => {
    onProduct((basket) => addProduct(basket, product))
    setText('')
    field.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(active + 1, products.length - 1))
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0))
    else if (event.key === 'Enter' && products[active]) choose(products[active])
    else if (event.key === 'Escape' && text !== '') setText('')
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div class="product-search">
      <label class="field-label" for={ID}>
        <IconSearch /> {t('productSearch')} <Key name="F3" />
      </label>
      <input
        id={ID}
        ref={field}
        class="input"
        type="text"
        inputMode="search"
        role="combobox"
        aria-expanded={results !== null}
        aria-controls={`${ID}-list`}
        aria-activedescendant={products[active] ? `${ID}-${active}` : undefined}
        aria-autocomplete="list"
        aria-keyshortcuts="F3"
        placeholder={t('productSearchHint')}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={press}
      />
      {results && (
        <div class="product-results">
          {results.fromMemory && <p class="quiet small">{t('productFromMemory')}</p>}
          <p class="visually-hidden" role="status">
            {t('productResults', { n: products.length })}
          </p>
          {products.length === 0 && <p class="quiet">{t('productNone')}</p>}
          <ul id={`${ID}-list`} role="listbox" aria-label={t('productSearch')}>
            {products.map((product, at) => (
              <li
                key={product.id}
                id={`${ID}-${at}`}
                role="option"
                aria-selected={at === active}
                class="product-option"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(product)}
              >
                <span>
                  <bdi class="row-title">{product.name}</bdi>
                  <bdi class="row-detail">{product.detail}</bdi>
                </span>
                <strong>{money(product.unit)}</strong>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

/** Products for a text, from the service or, while it does not answer, from this till's memory; null while too short. */
function useResults(text: string): Results | null {
  const { session } = useTill()
  const { line } = useStatus(session)
  const [results, setResults] = useState<Results | null>(null)
  const search = text.trim()

  useEffect(() => {
    if (search.length < SHORTEST) return setResults(null)
    const stop = new AbortController()
    const fromMemory = async () => {
      const products = await session.products.search(search)
      if (!stop.signal.aborted) setResults({ products, fromMemory: true })
    }
    const timer = setTimeout(async () => {
      if (line === 'down') return fromMemory()
      try {
        const { till } = await session.client.request(ProductSearchDocument, { search }, stop.signal)
        const products = (till?.products.nodes ?? []).map(knownProduct)
        setResults({ products, fromMemory: false })
        await session.products.remember(products)
      } catch {
        if (!stop.signal.aborted) await fromMemory()
      }
    }, SETTLE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [search, line, session])

  return search.length < SHORTEST ? null : results
}
