import { useEffect, useState } from 'preact/hooks'
import { useTill } from '../session/context.ts'
import { LanguageChoice } from './language-choice.tsx'

const LOOK_AGAIN_MS = 2000

/** What is set on this device, and what the till keeps on it. */
export function SettingsScreen() {
  const { session, locale, chooseLanguage } = useTill()
  const { t } = locale
  const { name, store } = session.identity
  return (
    <main class="page">
      <h2>{t('settingsTitle')}</h2>
      <section class="panel">
        <LanguageChoice locale={locale} onLanguage={chooseLanguage} />
      </section>
      <section class="panel">
        <h3>{t('keptTitle')}</h3>
        <KeptProducts />
      </section>
      <section class="panel">
        <h3>{t('settingsTill')}</h3>
        <dl class="facts">
          <dt>{t('settingsDevice')}</dt>
          <dd>{name}</dd>
          <dt>{t('settingsStore')}</dt>
          <dd>{store.name}</dd>
        </dl>
      </section>
    </main>
  )
}

function KeptProducts() {
  const { session, locale } = useTill()
  const { t } = locale
  const [kept, setKept] = useState<{ count: number; readAtMs: number | null } | null>(null)
  useEffect(() => {
    const look = async () =>
      setKept({ count: await session.products.count(), readAtMs: await session.catalogue.readAtMs() })
    void look()
    const timer = setInterval(() => void look(), LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [session])
  if (kept === null) return null
  const { count, readAtMs } = kept
  return (
    <>
      <p class="kept-count">{t('keptCount', { n: count })}</p>
      <p class="quiet">{readAtMs === null ? t('keptReading') : t('keptAsOf', { time: locale.dateTime(readAtMs) })}</p>
    </>
  )
}
