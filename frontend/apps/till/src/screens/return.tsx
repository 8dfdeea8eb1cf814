import { ApiError } from '@stampbook/gql'
import { Banner, Button, Field, IconMinus, IconPlus } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import {
  PurchaseByReceiptDocument,
  RecentPurchasesDocument,
  type SaleFactsFragment,
} from '../generated/graphql.ts'
import { toMinor } from '../sale/money.ts'
import { useFigures, useProblems, useStatus, useTill } from '../session/context.ts'
import { postReturn } from '../session/pay.ts'
import { receiptOfReturn, type ReceiptFacts } from './receipt-facts.ts'

interface ReturnProps {
  practice: boolean
  onReceipt: (facts: ReceiptFacts) => void
}

/** Takes goods back, starting from the receipt. */
export function ReturnScreen({ practice, onReceipt }: ReturnProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const { line } = useStatus(session)
  const [number, setNumber] = useState('')
  const [date, setDate] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [purchase, setPurchase] = useState<SaleFactsFragment | null>(null)

  const find = async (receiptNumber: string, businessDate: string) => {
    setBusy(true)
    setProblem(undefined)
    try {
      const variables = { receiptNumber, businessDate: businessDate || null }
      const { till } = await session.client.request(PurchaseByReceiptDocument, variables)
      if (till?.purchase) setPurchase(till.purchase)
      else setProblem(t('returnNotFound'))
    } catch (error) {
      setProblem(t(error instanceof ApiError && error.kind === 'offline' ? 'returnOffline' : 'returnFailed'))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (number.trim() !== '') void find(number.trim(), date)
  }

  if (purchase !== null) return <ReturnLines purchase={purchase} practice={practice} onReceipt={onReceipt} />
  return (
    <main class="page">
      <h2>{t('returnTitle')}</h2>
      {line === 'down' && <Banner tone="warn">{t('returnOffline')}</Banner>}
      <form class="panel" onSubmit={submit}>
        <p>{t('returnIntro')}</p>
        <Field
          label={t('returnNumber')}
          value={number}
          onValue={setNumber}
          error={problem}
          autocomplete="off"
          inputRef={focusAtFirst}
        />
        <Field label={t('returnDate')} hint={t('returnDateHint')} type="date" value={date} onValue={setDate} />
        <Button type="submit" look="primary" size="large" busy={busy}>
          {t('returnFind')}
        </Button>
      </form>
      <RecentSales onChoose={setPurchase} />
    </main>
  )
}

const focusAtFirst = (field: HTMLInputElement | null) => field?.focus()

function RecentSales({ onChoose }: { onChoose: (sale: SaleFactsFragment) => void }) {
  const { session, locale } = useTill()
  const { t } = locale
  const [sales, setSales] = useState<readonly SaleFactsFragment[] | null>(null)
  useEffect(() => {
    // Without the line there is no list; the number can still be typed.
    session.client.request(RecentPurchasesDocument, {}).then(
      ({ till }) => setSales(till?.recentPurchases ?? []),
      () => setSales(null),
    )
  }, [session])
  if (sales === null) return null
  return (
    <section aria-label={t('returnRecent')}>
      <h3>{t('returnRecent')}</h3>
      {sales.length === 0 ? (
        <p class="quiet">{t('returnRecentNone')}</p>
      ) : (
        <ul class="rows">
          {sales.map((sale) => (
            <li key={sale.id}>
              <button type="button" class="row" onClick={() => onChoose(sale)}>
                <span class="row-main">
                  <bdi class="row-title">{sale.receiptNumber}</bdi>{' '}
                  <span class="row-detail">{locale.dateTime(sale.occurredAt)}</span>
                </span>
                <span class="row-end">{locale.money(sale.total)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface ReturnLinesProps extends ReturnProps {
  purchase: SaleFactsFragment
}

/** Which lines come back, and how many of each. */
function ReturnLines({ purchase, practice, onReceipt }: ReturnLinesProps) {
  const { session, locale } = useTill()
  const { t } = locale
  const { money, points } = useFigures()
  const say = useProblems()
  const [chosen, setChosen] = useState<ReadonlyMap<string, number>>(new Map())
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const currency = purchase.total.currencyCode
  const paid = purchase.paidWithPoints
  const rows = purchase.lines.map((line) => ({
    ...line,
    left: line.quantity - line.returnedQuantity,
    minor: toMinor(line.amount.amount, currency),
  }))
  const open = rows.filter(({ left }) => left > 0)
  const countOf = (id: string) => chosen.get(id) ?? 0
  const value = (row: (typeof rows)[number], count: number) => Math.round((row.minor * count) / row.quantity)
  const total = open.reduce((sum, row) => sum + value(row, countOf(row.id)), 0)
  const everything = open.length > 0 && open.every(({ id, left }) => countOf(id) === left)

  const choose = (id: string, count: number) => {
    const next = new Map(chosen)
    if (count > 0) next.set(id, count)
    else next.delete(id)
    setChosen(next)
  }
  const submit = async () => {
    const lines = open
      .filter(({ id }) => countOf(id) > 0)
      .map((row) => ({ name: row.name, quantity: countOf(row.id), amount: value(row, countOf(row.id)) }))
    if (practice) {
      return onReceipt({
        kind: 'return',
        status: 'practice',
        receiptNumber: '000000-000',
        occurredAt: session.now(),
        lines,
        total,
        byPoints: null,
        points: null,
        purchase: null,
      })
    }
    setBusy(true)
    setProblem(undefined)
    try {
      const { post, result } = await postReturn(session, purchase, everything ? 'everything' : chosen, total)
      if (result.kind === 'conflict') setProblem(say(result.problem))
      else onReceipt(receiptOfReturn(post, result, lines))
    } catch {
      setProblem(t('notKept'))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main class="page">
      <h2>{t('receiptOf', { number: purchase.receiptNumber })}</h2>
      <p class="quiet">
        {t('returnSold', { date: locale.dateTime(purchase.occurredAt) })} · {locale.money(purchase.total)}
      </p>
      {paid && (
        <Banner>{t('returnByPoints', { money: locale.money(paid.amount), points: points(paid.points) })}</Banner>
      )}
      {open.length === 0 ? (
        <Banner>{t('returnNothingLeft')}</Banner>
      ) : (
        <>
          <Button onClick={() => setChosen(everything ? new Map() : new Map(open.map(({ id, left }) => [id, left])))}>
            {t(everything ? 'returnNothing' : 'returnEverything')}
          </Button>
          <ul class="basket-lines">
            {open.map((row) => (
              <li key={row.id} class="basket-row return-row">
                <div class="basket-name">
                  <bdi class="row-title">{row.name}</bdi>
                  <span class="row-detail">{locale.money(row.amount)}</span>
                </div>
                <div class="stepper">
                  <Button
                    aria-label={t('lineFewer', { name: row.name })}
                    disabled={countOf(row.id) === 0}
                    onClick={() => choose(row.id, countOf(row.id) - 1)}
                  >
                    <IconMinus />
                  </Button>
                  <output aria-label={t('lineQuantity', { name: row.name })}>
                    {t('returnOfLeft', { chosen: countOf(row.id), left: row.left })}
                  </output>
                  <Button
                    aria-label={t('lineMore', { name: row.name })}
                    disabled={countOf(row.id) === row.left}
                    onClick={() => choose(row.id, countOf(row.id) + 1)}
                  >
                    <IconPlus />
                  </Button>
                </div>
                <strong class="basket-amount">{money(value(row, countOf(row.id)))}</strong>
              </li>
            ))}
          </ul>
          {problem && (
            <Banner tone="bad" live="alert">
              {problem}
            </Banner>
          )}
          <Button
            look="primary"
            size="large"
            wide
            busy={busy}
            disabled={chosen.size === 0}
            onClick={() => void submit()}
          >
            {chosen.size === 0 ? t('returnChosenNone') : t('returnDo', { total: money(total) })}
          </Button>
        </>
      )}
    </main>
  )
}
