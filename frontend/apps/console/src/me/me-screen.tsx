import { Skeleton } from '@stampbook/ui'
import { OwnAccountDocument, type OwnAccountQuery } from '../generated/graphql.ts'
import { useDesk, useLocale } from '../session/context.ts'
import { useAsked } from '../session/use-asked.ts'
import { AsOf, Failed, Heading } from '../shell/states.tsx'
import { Events } from './events.tsx'
import { Methods } from './methods.tsx'
import { Sessions } from './sessions.tsx'
import './me.css'

type Account = NonNullable<OwnAccountQuery['staff']>

/** The own account: ways to sign in, open sessions, and what happened to it. */
export function MeScreen() {
  const { t } = useLocale()
  const desk = useDesk()
  const { value, at, error, loading, reload } = useAsked<Account>('me', async (signal) => {
    const { staff } = await desk.ask(OwnAccountDocument, {}, signal)
    return staff as Account
  })
  return (
    <div class="page me-page">
      <Heading title={t('me.title')}>
        <AsOf at={at} loading={loading} reload={reload} />
      </Heading>
      <p class="quiet">{t('me.intro')}</p>
      {error !== undefined && <Failed error={error} reload={reload} />}
      {!value && error === undefined && <Skeleton label={t('loading')} />}
      {value && (
        <>
          <Methods methods={value.signInMethods} onChanged={reload} />
          <Sessions sessions={value.sessions} onChanged={reload} />
          <Events events={value.securityEvents.nodes} />
        </>
      )}
    </div>
  )
}
