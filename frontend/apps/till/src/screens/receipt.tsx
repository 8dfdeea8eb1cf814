import { Banner, Button, Confirm, IconPrint } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { toMinor } from '../sale/money.ts'
import { useFigures, useProblems, useTill } from '../session/context.ts'
import { postReturn } from '../session/pay.ts'
import type { Words } from '../words/index.ts'
import { receiptOfReturn, type ReceiptFacts } from './receipt-facts.ts'

const TITLES: Record<ReceiptFacts['kind'], Record<ReceiptFacts['status'], Words>> = {
  sale: {
    posted: 'receiptPosted',
    duplicate: 'receiptDuplicate',
    queued: 'receiptQueued',
    practice: 'receiptPractice',
  },
  return: {
    posted: 'receiptReturned',
    duplicate: 'receiptReturned',
    queued: 'receiptReturnQueued',
    practice: 'receiptPractice',
  },
}

interface ReceiptProps {
  facts: ReceiptFacts
  onNext: () => void
  onReceipt: (facts: ReceiptFacts) => void
}

/** What was posted, for the member: what was bought, and what it did to the points. Prints by itself, without the till around it. */
export function ReceiptScreen({ facts, onNext, onReceipt }: ReceiptProps) {
  const { t } = useTill().locale
  const next = useRef<HTMLButtonElement>(null)
  useEffect(() => next.current?.focus(), [facts])

  return (
    <main class="receipt-screen">
      <div class="receipt-column">
        <Banner tone={facts.status === 'queued' ? 'warn' : 'good'} live="status">
          <strong>{t(TITLES[facts.kind][facts.status])}</strong>
          {facts.status === 'queued' && (
            <p>{t(facts.kind === 'sale' ? 'receiptQueuedDetail' : 'receiptReturnQueuedDetail')}</p>
          )}
        </Banner>
        <Receipt facts={facts} />
      </div>
      <div class="receipt-actions">
        <Button look="primary" size="large" wide buttonRef={next} onClick={onNext}>
          {t('nextCustomer')}
        </Button>
        <Button size="large" wide onClick={() => print()}>
          <IconPrint /> {t('print')}
        </Button>
        {facts.purchase && <UndoSale facts={facts} onReceipt={onReceipt} />}
      </div>
    </main>
  )
}

function Receipt({ facts }: { facts: ReceiptFacts }) {
  const { session, programme, locale } = useTill()
  const { t } = locale
  const { money, points } = useFigures()
  const { name, store } = session.identity
  const { kind, total, byPoints } = facts
  return (
    <article class="receipt" aria-label={t('receiptTitle')}>
      <header>
        <h2 dir="auto">{programme.name}</h2>
        <p>{t('tillAt', { till: name, store: store.name })}</p>
        <p>
          {t('receiptNumber', { number: facts.receiptNumber })} · {locale.dateTime(facts.occurredAt)}
        </p>
      </header>
      <ul class="receipt-lines">
        {facts.lines.map((line, at) => (
          <li key={at}>
            <span>
              {locale.number(line.quantity)} × <bdi>{line.name}</bdi>
            </span>
            <span>{money(line.amount)}</span>
          </li>
        ))}
        <li class="receipt-total">
          <span>{t(kind === 'sale' ? 'total' : 'returnedTotal')}</span>
          <strong>{money(total)}</strong>
        </li>
        {byPoints !== null && (
          <>
            <li>
              <span>
                {t(kind === 'sale' ? 'paidWithPoints' : 'backInPoints', { points: points(byPoints.points) })}
              </span>
              <span>{money(-byPoints.amount)}</span>
            </li>
            <li class="receipt-total">
              <span>{t(kind === 'sale' ? 'paidWithMoney' : 'backInMoney')}</span>
              <strong>{money(total - byPoints.amount)}</strong>
            </li>
          </>
        )}
      </ul>
      <ReceiptPoints facts={facts} />
    </article>
  )
}

/** The service's lines are a whole receipt for printers that take text; its figures stand in a table here. */
const FIGURE_LINE = /^[^:]+: [^\p{Letter}]+$/u

function ReceiptPoints({ facts }: { facts: ReceiptFacts }) {
  const { locale } = useTill()
  const { t } = locale
  const { points: write } = useFigures()
  const { points, kind } = facts
  if (points === null) return null
  const { pointsBefore, pointsEarned, pointsUsed, pointsAfter } = points
  const notes = points.lines.filter((line) => !FIGURE_LINE.test(line))
  return (
    <>
      <dl class="receipt-points">
        {pointsBefore !== null && <Figure word={t('pointsBefore')} value={write(pointsBefore)} />}
        <Figure word={t(kind === 'sale' ? 'pointsEarned' : 'pointsTaken')} value={locale.signed(pointsEarned)} />
        {pointsUsed !== 0 && (
          <Figure word={t(pointsUsed > 0 ? 'pointsUsed' : 'pointsGivenBack')} value={locale.signed(-pointsUsed)} />
        )}
        {pointsAfter !== null && <Figure word={t('pointsAfter')} value={write(pointsAfter)} />}
      </dl>
      {notes.length > 0 && (
        <ul class="receipt-notes">
          {notes.map((line) => (
            <li key={line} dir="auto">
              {line}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Figure({ word, value }: { word: string; value: string }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** Returns everything on the receipt: the undo of the last sale. */
function UndoSale({ facts, onReceipt }: Omit<ReceiptProps, 'onNext'>) {
  const { session, locale } = useTill()
  const { t } = locale
  const say = useProblems()
  const [problem, setProblem] = useState<string>()
  const { purchase } = facts
  if (purchase === null) return null
  const undo = async () => {
    const value = toMinor(purchase.total.amount, purchase.total.currencyCode)
    try {
      const { post, result } = await postReturn(session, purchase, 'everything', value)
      if (result.kind === 'conflict') return setProblem(say(result.problem))
      onReceipt(receiptOfReturn(post, result, facts.lines))
    } catch {
      setProblem(t('notKept'))
    }
  }
  return (
    <>
      <Confirm
        wide
        look="danger"
        label={t('undoSale')}
        question={t('undoSaleAsk')}
        yes={t('undoSaleYes')}
        no={t('keepSale')}
        onYes={undo}
      />
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
    </>
  )
}
