import { Banner, Button, Check, Field } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { MemberJoinDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useService, useWalletState } from '../../shell/context.ts'
import { problemText, refusalText } from '../../shell/problem.ts'
import { claimCode, forgetClaimCode } from './claim.ts'
import { told } from './validate.ts'

/** The only thing asked of somebody new; joining twice gives the same card. */
export function NameStep({ onDone }: { onDone: () => void }) {
  const locale = useLocale()
  const { t } = locale
  const { client } = useService()
  const { session, programme } = useWalletState()
  const [name, setName] = useState(session?.name ?? '')
  const [accepted, setAccepted] = useState(false)
  const [problem, setProblem] = useState<{ field: 'name' | 'form'; text: string }>()
  const [working, setWorking] = useState(false)
  const [idempotencyKey] = useState(() => crypto.randomUUID())
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const join = async (event: Event) => {
    event.preventDefault()
    if (!name.trim()) return setProblem({ field: 'name', text: t('join.nameInvalid') })
    if (!accepted) return setProblem({ field: 'form', text: t('join.termsMissing') })
    setWorking(true)
    setProblem(undefined)
    try {
      const { memberJoin } = await client.request(MemberJoinDocument, {
        input: { displayName: name.trim(), language: told(locale.language, programme), acceptTerms: true, idempotencyKey, claimCode: claimCode() ?? null },
      })
      const [refusal] = memberJoin.userErrors
      if (refusal?.code === 'CLAIM_CODE_UNKNOWN') forgetClaimCode()
      if (refusal) throw refusal
      forgetClaimCode()
      onDone()
    } catch (error) {
      const refusal = error as { field?: string[]; code: string; message: string }
      const text = Array.isArray(refusal.field) ? refusalText(refusal, locale) : problemText(error, locale)
      setProblem({ field: refusal.field?.includes('displayName') ? 'name' : 'form', text })
      setWorking(false)
    }
  }
  return (
    <form class="stack" onSubmit={join} noValidate>
      <h2>{t('join.nameTitle')}</h2>
      <Field label={t('you.name')} inputRef={input} name="name" autocomplete="name" value={name} onValue={setName} hint={t('you.nameHint')} error={problem?.field === 'name' ? problem.text : undefined} maxLength={80} enterKeyHint="done" />
      <Check checked={accepted} onChecked={setAccepted}>
        {t('join.terms')}
      </Check>
      {problem?.field === 'form' && (
        <Banner tone="bad" live="alert">
          {problem.text}
        </Banner>
      )}
      <Button type="submit" look="primary" size="large" wide busy={working}>
        {t('join.finish')}
      </Button>
    </form>
  )
}
