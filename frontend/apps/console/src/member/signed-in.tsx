import { MemberSessionsDocument } from '../generated/graphql.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { Fact } from './facts.tsx'

/** Where the member is signed in, and by what; only for those who may end it. */
export function SignedIn({ id, version }: { id: string; version: number }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { value } = useAsked(`sessions ${id} ${version}`, async (signal) => (await desk.ask(MemberSessionsDocument, { id }, signal)).staff?.member ?? null)
  if (!value) return null
  return (
    <>
      {value.signInMethods.length > 0 && (
        <Fact label={t('member.signIns')}>{value.signInMethods.map(({ label }) => label).join(', ')}</Fact>
      )}
      <Fact label={t('member.sessions')}>
        {value.sessions.length === 0
          ? t('member.sessionsNone')
          : value.sessions.map(({ id: session, device, lastSeenAt }) => (
              <span key={session} class="session">
                {device}, <span class="quiet">{t('member.sessionSeen', { when: locale.dateTime(lastSeenAt) })}</span>
              </span>
            ))}
      </Fact>
    </>
  )
}
