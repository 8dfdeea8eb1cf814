import { addPasskey, passkeysSupported } from '@stampbook/gql/passkey'
import { Banner, Button, ButtonLink, Confirm, IconGlobe, IconKey, IconMail, toast } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { type MethodRowFragment, RemoveMethodDocument } from '../generated/graphql.ts'
import { problemText } from '../logic/errors.ts'
import { useAction } from '../member/actions/use-action.ts'
import { useDesk, useLocale } from '../session/context.ts'

const icons = { EMAIL: IconMail, PASSKEY: IconKey, FEDERATED: IconGlobe }

/** The ways into the own account; a passkey can be made here, and the last way cannot be removed. */
export function Methods({ methods, onChanged }: { methods: readonly MethodRowFragment[]; onChanged: () => void }) {
  const locale = useLocale()
  const { t } = locale
  const desk = useDesk()
  const { problems, refuse, run } = useAction()
  const [adding, setAdding] = useState(false)
  const add = async () => {
    setAdding(true)
    refuse({})
    try {
      await desk.proved(addPasskey)
      toast(t('me.passkeyAdded'))
      onChanged()
    } catch (error) {
      refuse({ '': error instanceof DOMException ? t('me.passkeyNot') : problemText(error, locale) })
    } finally {
      setAdding(false)
    }
  }
  const remove = async (methodId: string) => {
    const input = { methodId }
    await run(input, async () => {
      const { signInMethodRemove } = await desk.ask(RemoveMethodDocument, { input })
      if (signInMethodRemove.userErrors.length === 0) {
        toast(t('me.removed'))
        onChanged()
      }
      return signInMethodRemove.userErrors
    })
  }
  return (
    <section class="stack stack-tight" aria-labelledby="me-methods">
      <h2 id="me-methods">{t('me.methods')}</h2>
      {problems[''] && (
        <Banner tone="bad" live="alert">
          {problems['']}
        </Banner>
      )}
      <ul class="methods">
        {methods.map(({ id, kind, label, lastUsedAt }) => {
          const Icon = icons[kind]
          return (
            <li key={id}>
              <Icon size={18} />
              <span class="method-main">
                {t(`me.method.${kind}`)}
                <span class="quiet small">
                  {' '}
                  <bdi>{label}</bdi>
                  {lastUsedAt && ` · ${t('member.sessionSeen', { when: locale.dateTime(lastUsedAt) })}`}
                </span>
              </span>
              {methods.length > 1 && <Confirm label={t('me.remove')} look="quiet" question={t('me.removeEffect')} yes={t('me.remove')} no={t('cancel')} onYes={() => remove(id)} />}
            </li>
          )
        })}
      </ul>
      <div>
        <ButtonLink href="/account/email?return_to=/console/me" load>
          {t('me.changeEmail')}
        </ButtonLink>
      </div>
      {passkeysSupported() ? (
        <div class="stack stack-tight me-add">
          <Button busy={adding} onClick={() => void add()}>
            <IconKey size={18} />
            {t('me.addPasskey')}
          </Button>
          <p class="quiet small">{t('me.passkeyHint')}</p>
        </div>
      ) : (
        <p class="quiet small">{t('me.passkeyNo')}</p>
      )}
    </section>
  )
}
