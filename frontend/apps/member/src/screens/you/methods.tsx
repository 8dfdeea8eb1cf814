import { Banner, Button, ButtonLink, Confirm, IconGlobe, IconKey, IconMail, toast } from '@stampbook/ui'
import { useEffect, useState } from 'preact/hooks'
import { type MethodFragment, SignInMethodRemoveDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService, useWalletState } from '../../shell/context.ts'
import { problemText, refusalText } from '../../shell/problem.ts'
import { confirmFirst, confirmIfAsked, takePending } from '../../shell/step-up.ts'
import { call } from '@stampbook/gql/account'
import { addPasskey, passkeysSupported } from '@stampbook/gql/passkey'

const icons = { EMAIL: IconMail, PASSKEY: IconKey, FEDERATED: IconGlobe }

interface MethodsProps {
  methods: readonly MethodFragment[]
  onMethods: (methods: MethodFragment[]) => void
  reload: () => Promise<void>
}

/** The ways into this account; the last one cannot be removed. */
export function Methods({ methods, onMethods, reload }: MethodsProps) {
  const locale = useLocale()
  const { t } = locale
  const { client } = useService()
  const { session } = useWalletState()
  const others = (session?.providers ?? []).filter(({ name }) => !methods.some(({ kind, label }) => kind === 'FEDERATED' && label === name))
  const [problem, setProblem] = useState<string>()
  /** `again` after a fresh proof: refused once more, there is nothing left to ask for. */
  const add = async (again = false) => {
    setProblem(undefined)
    try {
      await addPasskey()
      await reload()
      toast(t('you.passkeyAdded'))
    } catch (error) {
      if (!again && confirmIfAsked(error, { action: 'addPasskey' })) return
      setProblem(error instanceof DOMException ? t('you.passkeyFailed') : problemText(error, locale))
    }
  }
  const remove = async (methodId: string, again = false) => {
    setProblem(undefined)
    try {
      const { signInMethodRemove } = await client.request(SignInMethodRemoveDocument, { input: { methodId } })
      const [refusal] = signInMethodRemove.userErrors
      if (refusal?.code === 'STEP_UP_REQUIRED' && !again) confirmFirst({ action: 'removeMethod', methodId })
      else if (refusal) setProblem(refusalText(refusal, locale))
      else onMethods(signInMethodRemove.methods)
    } catch (error) {
      if (!again && confirmIfAsked(error, { action: 'removeMethod', methodId })) return
      setProblem(problemText(error, locale))
    }
  }
  /** Leaves for the provider, which sends the person back here. */
  const connect = async (provider: string, again = false) => {
    setProblem(undefined)
    try {
      location.assign((await call<{ location: string }>('POST', `/link/idp/${provider}?return_to=/you`)).location)
    } catch (error) {
      if (!again && confirmIfAsked(error, { action: 'connect', provider })) return
      setProblem(problemText(error, locale))
    }
  }
  useEffect(() => {
    const pending = takePending()
    if (pending?.action === 'addPasskey') void add(true)
    else if (pending?.action === 'connect') void connect(pending.provider, true)
    else if (pending) void remove(pending.methodId, true)
  }, [])
  return (
    <section class="stack stack-tight" aria-labelledby="methods">
      <h2 id="methods">{t('you.methods')}</h2>
      {problem && (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      )}
      <ul class="rows">
        {methods.map(({ id, kind, label, lastUsedAt }) => {
          const Icon = icons[kind]
          return (
            <li key={id} class="item">
              <Icon />
              <span class="row-main">
                <span class="row-title">{t(`you.method.${kind}`)}</span>
                <br />
                <span class="row-detail">
                  <bdi>{label}</bdi>
                  {lastUsedAt && ` · ${t('you.lastUsed', { when: locale.dateTime(lastUsedAt) })}`}
                </span>
              </span>
              {methods.length > 1 && <Confirm label={t('you.remove')} look="quiet" question={t('you.removeQuestion')} yes={t('you.remove')} no={t('you.keep')} onYes={() => remove(id)} />}
            </li>
          )
        })}
      </ul>
      <div>
        <ButtonLink href="/account/email?return_to=/you" load>
          {t('you.changeEmail')}
        </ButtonLink>
      </div>
      {others.map(({ id, name }) => (
        <div key={id}>
          <Button onClick={() => void connect(id)}>
            <IconGlobe />
            {t('you.connect', { name })}
          </Button>
        </div>
      ))}
      {passkeysSupported() && (
        <div class="stack stack-tight">
          <Button onClick={() => void add()}>
            <IconKey />
            {t('you.addPasskey')}
          </Button>
          <p class="quiet small">{t('you.passkeyHint')}</p>
        </div>
      )}
    </section>
  )
}
