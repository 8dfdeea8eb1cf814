import { ApiError, type ServerClock } from '@stampbook/gql'
import { Banner, Button, Field, type Locale } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import type { TillIdentity } from '../device/identity.ts'
import { pair, readPairingCode } from '../device/pairing.ts'
import type { Language, Words } from '../words/index.ts'
import { LanguageChoice } from './language-choice.tsx'

interface PairingProps {
  locale: Locale<Words>
  clock: ServerClock
  /** From the link, or empty. */
  code: string
  /** Who this till is already, when a link was opened on a paired one. */
  paired: TillIdentity | null
  onLanguage: (language: Language) => void
  onDone: (identity: TillIdentity | null) => Promise<void>
}

/** Makes this browser a till: a code from a manager, and a key that never leaves it. */
export function PairingScreen({ locale, clock, code, paired, onLanguage, onDone }: PairingProps) {
  const { t } = locale
  const [typed, setTyped] = useState(code)
  const [label, setLabel] = useState(t('pairLabelDefault'))
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const read = readPairingCode(typed)
    if (read === null) return setProblem(t('pairCodeBad'))
    setBusy(true)
    setProblem(undefined)
    try {
      await onDone(await pair(read, label.trim() || t('pairLabelDefault'), clock))
    } catch (error) {
      setProblem(problemOf(error, t))
      setBusy(false)
    }
  }

  return (
    <main class="pairing">
      <form class="panel stack" onSubmit={submit}>
        <h1>{t('pairTitle')}</h1>
        {paired && (
          <Banner tone="warn">
            <strong>{t('pairAgainTitle')}</strong>
            <p>{t('pairAgainIntro', { name: paired.name, store: paired.store.name })}</p>
            <Button look="plain" onClick={() => void onDone(null)}>
              {t('pairKeep')}
            </Button>
          </Banner>
        )}
        <p class="quiet">{t('pairIntro')}</p>
        <Field
          label={t('pairCode')}
          hint={t('pairCodeHint')}
          value={typed}
          onValue={setTyped}
          error={problem}
          class="input-code"
          autocomplete="off"
          spellcheck={false}
          maxLength={12}
          required
        />
        <Field label={t('pairLabel')} hint={t('pairLabelHint')} value={label} onValue={setLabel} maxLength={40} />
        <Button type="submit" look="primary" size="large" wide busy={busy}>
          {t('pairDo')}
        </Button>
        <LanguageChoice locale={locale} onLanguage={onLanguage} />
      </form>
    </main>
  )
}

function problemOf(error: unknown, t: Locale<Words>['t']): string {
  if (!(error instanceof ApiError) || error.kind === 'broken') return t('pairBroken')
  if (error.kind === 'offline') return t('pairOffline')
  return error.kind === 'rateLimited' ? t('pairLimited') : error.message
}
