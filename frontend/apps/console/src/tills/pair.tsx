import { qrPath } from '@stampbook/card'
import { Button, ButtonLink, Field } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { CreatePairingDocument, FindStoresDocument } from '../generated/graphql.ts'
import { Submit, focusFirst } from '../member/actions/form.tsx'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { minutesLeft } from './left.ts'

interface Pairing {
  code: string
  expiresAt: string
}

/** A store and a name, then the code that makes a browser that till. */
export function PairTill({ onClose }: { onClose: () => void }) {
  const [pairing, setPairing] = useState<Pairing>()
  return <div class="panel">{pairing ? <Code pairing={pairing} onAgain={() => setPairing(undefined)} onClose={onClose} /> : <PairForm onMade={setPairing} onClose={onClose} />}</div>
}

function PairForm({ onMade, onClose }: { onMade: (pairing: Pairing) => void; onClose: () => void }) {
  const { t } = useLocale()
  const desk = useDesk()
  const [name, setName] = useState('')
  const [search, setSearch] = useState('')
  const [store, setStore] = useState<string>()
  const { busy, problems, refuse, run } = useAction('name', 'storeId')
  const { value: stores } = useAsked(`stores ${search.trim()}`, async (signal) => (await desk.ask(FindStoresDocument, { search: search.trim() || null }, signal)).staff?.stores ?? [])
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return refuse({ name: t('tills.nameMissing') })
    if (!store) return refuse({ storeId: t('tills.storeMissing') })
    const input = { name: name.trim(), storeId: store }
    await run(input, async () => {
      const { tillPairingCreate: made } = await desk.ask(CreatePairingDocument, { input })
      if (made.code && made.expiresAt) onMade({ code: made.code, expiresAt: made.expiresAt })
      return made.userErrors
    })
  }
  return (
    <form class="stack pair-form" onSubmit={submit} noValidate aria-label={t('tills.new')}>
      <h2>{t('tills.new')}</h2>
      <Field label={t('tills.name')} hint={t('tills.nameHint')} inputRef={focusFirst} autocomplete="off" maxLength={60} value={name} onValue={setName} error={problems.name} />
      <Field label={t('tills.findStore')} type="search" autocomplete="off" value={search} onValue={setSearch} error={problems.storeId} />
      <fieldset class="choices">
        <legend class="field-label">{t('tills.store')}</legend>
        {stores?.map(({ id, name: label, city }) => (
          <label key={id} class="choice">
            <input type="radio" name="store" checked={store === id} onChange={() => setStore(id)} />
            <span>
              <bdi>{label}</bdi> {city && <span class="quiet small">{city}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      <div class="cluster form-buttons">
        <Submit label={t('tills.make')} busy={busy} problem={problems['']} />
        <Button look="quiet" onClick={onClose}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

function Code({ pairing: { code, expiresAt }, onAgain, onClose }: { pairing: Pairing; onAgain: () => void; onClose: () => void }) {
  const { t } = useLocale()
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const left = minutesLeft(expiresAt, now)
  const link = `${location.origin}/till#pair=${code}`
  const { path, size } = qrPath(link)
  return (
    <div class="pair-code">
      <div class="stack">
        <h2>{t('tills.code')}</h2>
        {left ? (
          <>
            <output class="big-code" aria-label={t('tills.code')}>
              {code}
            </output>
            <p class="quiet" role="timer" aria-live="off">
              {t('tills.codeLeft', { time: left })}
            </p>
            <p>{t('tills.codeHow', { address: `${location.host}/till` })}</p>
            <ButtonLink href={link} load>
              {t('tills.link')}
            </ButtonLink>
          </>
        ) : (
          <>
            <p role="status">{t('tills.codeOver')}</p>
            <Button onClick={onAgain}>{t('tills.make')}</Button>
          </>
        )}
        <Button look="quiet" onClick={onClose}>
          {t('tills.done')}
        </Button>
      </div>
      {left && (
        <svg class="pair-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('tills.codeQr')} shape-rendering="crispEdges">
          <path d={`M0 0h${size}v${size}h-${size}z`} fill="#fff" />
          <path d={path} fill="#000" />
        </svg>
      )}
    </div>
  )
}
