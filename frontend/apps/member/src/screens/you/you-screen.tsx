import { Banner, ButtonLink, Confirm, IconMail, IconNext, IconPhone, Row, Select, Skeleton, navigate } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { MemberUpdateDocument, type ProfileFragment, YouDocument } from '../../generated/graphql.ts'
import { type Language, languages, rememberLanguage, useLocale } from '../../i18n/index.ts'
import { useService } from '../../shell/context.ts'
import { useKept } from '../../shell/kept.ts'
import { Failed, Page } from '../../shell/page.tsx'
import { problemText } from '../../shell/problem.ts'
import { Methods } from './methods.tsx'
import { ProfileForm } from './profile-form.tsx'
import './you.css'

/** Who you are to the programme, how you get in, and the way out. */
export default function YouScreen() {
  const locale = useLocale()
  const { t } = locale
  const { client } = useService()
  const { value, error, reload, set } = useKept<ProfileFragment>('you', async () => {
    const { viewer } = await client.request(YouDocument)
    if (!viewer) throw new Error('No member')
    return viewer
  })
  return (
    <Page title={t('you.title')}>
      {value && (
        <>
          <p class="quiet">{t('you.since', { day: locale.day(value.joinedAt) })}</p>
          <ProfileForm profile={value} onSaved={set} />
          <LanguageChoice />
          <Contacts contacts={value.contacts} />
          <Methods methods={value.signInMethods} onMethods={(signInMethods) => set({ ...value, signInMethods })} reload={reload} />
          <OtherCards card={value.card} />
        </>
      )}
      {!value && (error ? <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} blocks={4} />)}
      {/* Not before what stands above them: nothing moves while the page opens. */}
      {(value !== undefined || error !== undefined) && (
        <>
          <ul class="rows">
            <Row
              href="/you/devices"
              title={t('you.devices')}
              end={
                <span class="flip quiet">
                  <IconNext size={18} />
                </span>
              }
            />
          </ul>
          <SignOut />
        </>
      )}
    </Page>
  )
}

/** Changes the words at once, and is told to the programme for its messages. */
function LanguageChoice() {
  const locale = useLocale()
  const { client } = useService()
  const choose = (value: string) => {
    rememberLanguage(value as Language)
    dispatchEvent(new Event('stampbook:language'))
    client.request(MemberUpdateDocument, { input: { language: value } }).catch(() => undefined)
  }
  return (
    <section class="panel">
      <Select label={locale.t('you.language')} value={locale.language} options={languages} onValue={choose} />
    </section>
  )
}

function Contacts({ contacts }: { contacts: ProfileFragment['contacts'] }) {
  const { t } = useLocale()
  if (contacts.length === 0) return null
  return (
    <section class="stack stack-tight" aria-labelledby="contacts">
      <h2 id="contacts">{t('you.contacts')}</h2>
      <ul class="rows">
        {contacts.map(({ kind, value, verified }) => (
          <Row
            key={value}
            start={kind === 'EMAIL' ? <IconMail /> : <IconPhone />}
            title={<bdi dir="ltr">{value}</bdi>}
            detail={<span class={verified ? 'tag tag-good' : 'tag tag-warn'}>{t(verified ? 'you.verified' : 'you.unverified')}</span>}
          />
        ))}
      </ul>
    </section>
  )
}

function OtherCards({ card }: { card: ProfileFragment['card'] }) {
  const { t } = useLocale()
  const passes = card.passes.filter(({ available, url }) => available && url)
  return (
    <section class="stack stack-tight" aria-labelledby="wallets">
      <h2 id="wallets">{t('you.wallets')}</h2>
      <div class="cluster">
        {passes.map(({ platform, url }) => (
          <ButtonLink key={platform} href={url as string} load>
            {t(platform === 'APPLE' ? 'you.apple' : 'you.google')}
          </ButtonLink>
        ))}
        <ButtonLink href={card.sheetPath} load>
          {t('you.print')}
        </ButtonLink>
      </div>
    </section>
  )
}

function SignOut() {
  const locale = useLocale()
  const { t } = locale
  const service = useService()
  const [problem, setProblem] = useState<string>()
  const leave = async () => {
    try {
      await service.signOut()
      navigate('/', { replace: true })
    } catch (error) {
      setProblem(problemText(error, locale))
    }
  }
  return (
    <div class="stack">
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      <Confirm wide label={t('you.signOut')} question={t('you.signOutQuestion')} yes={t('you.signOutYes')} no={t('cancel')} onYes={leave} />
    </div>
  )
}
