import { ServerClock } from '@stampbook/gql'
import { Skeleton, Toasts } from '@stampbook/ui'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { dropIdentity, keepIdentity, loadIdentity, type TillIdentity } from './device/identity.ts'
import { readPairingCode } from './device/pairing.ts'
import { Message } from './screens/message.tsx'
import { PairingScreen } from './screens/pairing.tsx'
import { TillScreen } from './screens/till.tsx'
import { Till, useStatus } from './session/context.ts'
import { TillSession } from './session/session.ts'
import { Database } from './storage/database.ts'
import { loadSpeech, preferredLanguage, rememberLanguage, type Language, type Speech } from './words/index.ts'
import { TillLocale } from './words/locale.ts'

const database = new Database()
const clock = new ServerClock()

/** Undefined while the till's storage is being asked, null when it is not paired. */
type Paired = TillIdentity | null | undefined

/** The language, its words once they are there, and how to choose another one. */
interface Spoken {
  readonly language: Language
  readonly speech: Speech
  readonly chooseLanguage: (language: Language) => void
}

export function App() {
  const spoken = useLanguage()
  const [paired, setPaired] = useState<Paired>(undefined)
  const [broken, setBroken] = useState(false)
  const [code, setCode] = useState(() => readPairingCode(location.hash))

  useEffect(() => {
    loadIdentity(database).then(
      (identity) => setPaired(identity ?? null),
      () => setBroken(true),
    )
  }, [])

  const finishPairing = async (identity: TillIdentity | null) => {
    if (identity !== null) await keepIdentity(database, identity)
    history.replaceState(null, '', location.pathname)
    setCode(null)
    if (identity !== null) setPaired(identity)
  }
  const forget = async () => {
    await dropIdentity(database)
    setPaired(null)
  }

  if (spoken === null) return null
  const { language, speech, chooseLanguage } = spoken
  const locale = new TillLocale(language, speech)
  if (broken) return <Message text={locale.t('storageRefused')} />
  if (!isSecureContext) return <Message text={locale.t('secureNeeded')} />
  if (paired === undefined) return <Skeleton label={locale.t('starting')} />
  if (paired === null || code !== null) {
    return (
      <>
        <PairingScreen
          locale={locale}
          clock={clock}
          code={code ?? ''}
          paired={paired}
          onLanguage={chooseLanguage}
          onDone={finishPairing}
        />
        <Toasts />
      </>
    )
  }
  return (
    <>
      <PairedTill key={paired.clientId} identity={paired} spoken={spoken} onForget={forget} />
      <Toasts />
    </>
  )
}

interface PairedTillProps {
  identity: TillIdentity
  spoken: Spoken
  onForget: () => void
}

function PairedTill({ identity, spoken, onForget }: PairedTillProps) {
  const session = useMemo(() => new TillSession(identity, database, clock), [identity])
  const { programme, refused } = useStatus(session)
  const timeZone = programme?.timeZone
  const { language, speech, chooseLanguage } = spoken
  const locale = useMemo(() => new TillLocale(language, speech, { timeZone }), [language, speech, timeZone])
  useEffect(() => session.start(), [session])

  if (refused) {
    const again = { label: locale.t('pairRefusedDo'), onPress: onForget }
    return <Message text={locale.t('pairRefused')} action={again} />
  }
  if (programme === null) return <Message text={locale.t('firstStartOffline')} />
  return (
    <Till.Provider value={{ session, programme, locale, chooseLanguage, said: speech.said }}>
      <TillScreen />
    </Till.Provider>
  )
}

/** Null until the words of the device's language are there. */
function useLanguage(): Spoken | null {
  const [language, setLanguage] = useState(preferredLanguage)
  const [loaded, setLoaded] = useState<{ language: Language; speech: Speech } | null>(null)

  useEffect(() => {
    const use = (which: Language) => loadSpeech(which).then((speech) => setLoaded({ language: which, speech }))
    // Words that cannot be had now are no reason not to sell.
    use(language).catch(() => use('en'))
  }, [language])
  useEffect(() => {
    if (loaded === null) return
    document.documentElement.lang = loaded.language
    document.documentElement.dir = new TillLocale(loaded.language, loaded.speech).direction
  }, [loaded])

  useEffect(() => {
    // Another tab of this till has chosen.
    const follow = () => setLanguage(preferredLanguage())
    addEventListener('storage', follow)
    return () => removeEventListener('storage', follow)
  }, [])

  const chooseLanguage = (chosen: Language) => {
    rememberLanguage(chosen)
    setLanguage(chosen)
  }
  return loaded && { ...loaded, chooseLanguage }
}
