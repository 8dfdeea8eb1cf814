import { Banner, Confirm, IconGlobe, toast } from '@stampbook/ui'
import { EndOtherSessionsDocument, EndSessionDocument, type OwnSessionFragment } from '../generated/graphql.ts'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'
import type { Key } from '../words/en.ts'

/** Where the own account is signed in; every place but this one can be ended. */
export function Sessions({ sessions, onChanged }: { sessions: readonly OwnSessionFragment[]; onChanged: () => void }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { problems, run } = useAction()
  const sent = (done: boolean) => {
    if (!done) return
    toast(t('me.ended'))
    onChanged()
  }
  const end = async (sessionId: string) => sent(await run({ sessionId }, async () => (await desk.ask(EndSessionDocument, { input: { sessionId } })).sessionEnd.userErrors))
  const endOthers = async () => sent(await run({}, async () => (await desk.ask(EndOtherSessionsDocument, {})).sessionEndOthers.userErrors))
  const by = (method: string) => t(`me.by.${method}` as Key)
  return (
    <section class="stack stack-tight" aria-labelledby="me-sessions">
      <h2 id="me-sessions">{t('me.sessions')}</h2>
      {problems[''] && (
        <Banner tone="bad" live="alert">
          {problems['']}
        </Banner>
      )}
      <ul class="methods">
        {sessions.map(({ id, device, clientName, place, method, lastSeenAt, current }) => (
          <li key={id}>
            <IconGlobe size={18} />
            <span class="method-main">
              {t('me.session', { device: device || clientName, method: by(method) })}
              <span class="quiet small"> {[place, t('member.sessionSeen', { when: locale.dateTime(lastSeenAt) })].filter(Boolean).join(' · ')}</span>
            </span>
            {current ? (
              <span class="tag tag-good">{t('me.here')}</span>
            ) : (
              <Confirm label={t('me.end')} look="quiet" question={t('me.endEffect')} yes={t('me.end')} no={t('cancel')} onYes={() => end(id)} />
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && <Confirm label={t('me.endOthers')} question={t('me.endOthersEffect')} yes={t('me.endOthers')} no={t('cancel')} onYes={endOthers} />}
    </section>
  )
}
