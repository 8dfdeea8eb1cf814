import { ServerClock } from '@stampbook/gql'
import { Locale, Skeleton, Toasts } from '@stampbook/ui'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { dropIdentity, keepIdentity, loadIdentity, type TillIdentity } from './device/identity.ts'
import { readPairingCode } from './device/pairing.ts'
import { Message } from './screens/message.tsx'
import { PairingScreen } from './screens/pairing.tsx'
import { TillScreen } from './screens/till.tsx'
import { Till, useStatus } from './session/context.ts'
import { TillSession } from './session/session.ts'
import { Database } from './storage/database.ts'
import { en } from './words/en.ts'

const database = new Database()
const clock = new ServerClock()
const language = 'en'

/** Undefined while the till's storage is being asked, null when it is not paired. */
type Paired = TillIdentity | null | undefined

export function App() {
  const [paired, setPaired] = useState<Paired>(undefined)
  const [broken, setBroken] = useState(false)
  const [code, setCode] = useState(() => readPairingCode(location.hash))
  const locale = useMemo(() => new Locale(language, en), [])

  useEffect(() => {
    document.documentElement.lang = locale.language
    document.documentElement.dir ||= locale.direction
    loadIdentity(database).then(
      (identity) => setPaired(identity ?? null),
      () => setBroken(true),
    )
  }, [locale])

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

  if (broken) return <Message text={locale.t('storageRefused')} />
  if (!isSecureContext) return <Message text={locale.t('secureNeeded')} />
  if (paired === undefined) return <Skeleton label={locale.t('starting')} />
  if (paired === null || code !== null) {
    return (
      <>
        <PairingScreen locale={locale} clock={clock} code={code ?? ''} paired={paired} onDone={finishPairing} />
        <Toasts />
      </>
    )
  }
  return (
    <>
      <PairedTill key={paired.clientId} identity={paired} onForget={forget} />
      <Toasts />
    </>
  )
}

function PairedTill({ identity, onForget }: { identity: TillIdentity; onForget: () => void }) {
  const session = useMemo(() => new TillSession(identity, database, clock), [identity])
  const { programme, refused } = useStatus(session)
  const timeZone = programme?.timeZone
  const locale = useMemo(() => new Locale(language, en, { timeZone }), [timeZone])
  useEffect(() => session.start(), [session])

  if (refused) {
    const again = { label: locale.t('pairRefusedDo'), onPress: onForget }
    return <Message text={locale.t('pairRefused')} action={again} />
  }
  if (programme === null) return <Message text={locale.t('firstStartOffline')} />
  return (
    <Till.Provider value={{ session, programme, locale }}>
      <TillScreen />
    </Till.Provider>
  )
}
