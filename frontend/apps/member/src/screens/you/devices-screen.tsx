import { Banner, Confirm, IconCard, IconGlobe, Row, Skeleton, toast } from '@stampbook/ui'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { CardDeviceRevokeDocument, DevicesDocument, type DevicesQuery, SessionEndDocument, SessionEndOthersDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService, useWalletState } from '../../shell/context.ts'
import { useKept } from '../../shell/kept.ts'
import { Failed, Page } from '../../shell/page.tsx'
import { problemText, refusalText } from '../../shell/problem.ts'
import './you.css'

type Viewer = NonNullable<DevicesQuery['viewer']>

/** Where the card is, where somebody is signed in, and what happened; each can be ended from here. */
export default function DevicesScreen() {
  const locale = useLocale()
  const { t } = locale
  const service = useService()
  const { client } = service
  const { credential } = useWalletState()
  const [problem, setProblem] = useState<string>()
  const { value, error, reload, set } = useKept<Viewer>('devices', async () => {
    const { viewer } = await client.request(DevicesDocument, { language: locale.language })
    if (!viewer) throw new Error('No member')
    return viewer
  }, locale.language)
  const run = async (work: () => Promise<{ change?: Partial<Viewer>; refusal: { code: string; message: string } | undefined }>) => {
    setProblem(undefined)
    try {
      const { change, refusal } = await work()
      if (refusal) setProblem(refusalText(refusal, locale))
      else if (value && change) set({ ...value, ...change })
    } catch (failure) {
      setProblem(problemText(failure, locale))
    }
  }
  const revoke = (deviceId: string) =>
    run(async () => {
      const { cardDeviceRevoke } = await client.request(CardDeviceRevokeDocument, { input: { deviceId } })
      return { refusal: cardDeviceRevoke.userErrors[0], ...(cardDeviceRevoke.card && { change: { card: cardDeviceRevoke.card } }) }
    })
  const revokeAll = () =>
    run(async () => {
      const { cardDeviceRevoke } = await client.request(CardDeviceRevokeDocument, { input: { deviceId: null } })
      const [refusal] = cardDeviceRevoke.userErrors
      if (refusal) return { refusal }
      await service.replaceCredential()
      await reload()
      toast(t('you.revokedAll'))
      return { refusal }
    })
  const end = (sessionId: string) =>
    run(async () => {
      const { sessionEnd } = await client.request(SessionEndDocument, { input: { sessionId } })
      return { refusal: sessionEnd.userErrors[0], change: { sessions: sessionEnd.sessions } }
    })
  const endOthers = () =>
    run(async () => {
      const { sessionEndOthers } = await client.request(SessionEndOthersDocument)
      return { refusal: sessionEndOthers.userErrors[0], change: { sessions: sessionEndOthers.sessions } }
    })
  return (
    <Page title={t('you.devices')} back="/you">
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      {!value && (error ? <Failed error={error} retry={() => void reload()} /> : <Skeleton label={t('loading')} blocks={4} />)}
      {value && (
        <>
          <section class="stack stack-tight" aria-labelledby="cards">
            <h2 id="cards">{t('you.cards')}</h2>
            <p class="quiet small">{t('you.cardsHint')}</p>
            {value.card.devices.length > 0 && (
              <ul class="rows">
                {value.card.devices.map(({ id, name, lastUsedAt, credentialId }) => (
                  <Item key={id} icon={<IconCard />} title={name} current={credentialId === credential?.id} detail={lastUsedAt ? t('you.lastUsed', { when: locale.dateTime(lastUsedAt) }) : t('you.neverUsed')}>
                    <Confirm label={t('you.revoke')} look="quiet" question={t('you.revokeQuestion')} yes={t('you.remove')} no={t('you.keep')} onYes={() => revoke(id)} />
                  </Item>
                ))}
              </ul>
            )}
            <Confirm label={t('you.revokeAll')} question={t('you.revokeAllQuestion')} yes={t('you.revokeAll')} no={t('you.keep')} onYes={revokeAll} />
          </section>
          <section class="stack stack-tight" aria-labelledby="sessions">
            <h2 id="sessions">{t('you.sessions')}</h2>
            <ul class="rows">
              {value.sessions.map(({ id, kind, clientName, device, place, lastSeenAt, current }) => (
                <Item
                  key={id}
                  icon={<IconGlobe />}
                  title={device || clientName}
                  current={current}
                  detail={[device && kind === 'app' && clientName, place, t('you.seen', { when: locale.dateTime(lastSeenAt) })].filter(Boolean).join(' · ')}
                >
                  {!current && <Confirm label={t('you.endSession')} look="quiet" question={t('you.endQuestion')} yes={t('you.endSession')} no={t('cancel')} onYes={() => end(id)} />}
                </Item>
              ))}
            </ul>
            {value.sessions.length > 1 && <Confirm label={t('you.endOthers')} question={t('you.endOthersQuestion')} yes={t('you.endOthers')} no={t('cancel')} onYes={endOthers} />}
          </section>
          {value.securityEvents.nodes.length > 0 && (
            <section class="stack stack-tight" aria-labelledby="security">
              <h2 id="security">{t('you.security')}</h2>
              <ul class="rows">
                {value.securityEvents.nodes.map(({ id, at, text, device }) => (
                  <Row key={id} title={text} detail={[locale.dateTime(at), device].filter(Boolean).join(' · ')} />
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </Page>
  )
}

function Item({ icon, title, detail, current, children }: { icon: ComponentChildren; title: string; detail: string; current: boolean; children?: ComponentChildren }) {
  const { t } = useLocale()
  return (
    <li class="item">
      {icon}
      <span class="row-main">
        <span class="row-title">{title}</span> {current && <span class="tag tag-accent">{t('you.thisDevice')}</span>}
        <br />
        <span class="row-detail">{detail}</span>
      </span>
      {children}
    </li>
  )
}
