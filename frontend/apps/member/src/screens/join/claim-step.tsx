import { Banner, Button } from '@stampbook/ui'
import { useState } from 'preact/hooks'
import { MemberJoinDocument } from '../../generated/graphql.ts'
import { useLocale } from '../../i18n/index.ts'
import { useMember, useService } from '../../shell/context.ts'
import { problemText, refusalText } from '../../shell/problem.ts'
import { claimCode, forgetClaimCode } from './claim.ts'

/** Somebody who is a member already brought a receipt's link: its points go onto the card they have. */
export function ClaimStep({ onDone }: { onDone: () => void }) {
  const locale = useLocale()
  const { t } = locale
  const service = useService()
  const { displayName } = useMember()
  const [problem, setProblem] = useState<string>()
  const [working, setWorking] = useState(false)
  const [idempotencyKey] = useState(() => crypto.randomUUID())
  const leave = () => {
    forgetClaimCode()
    onDone()
  }
  const add = async () => {
    setWorking(true)
    setProblem(undefined)
    try {
      const { memberJoin } = await service.client.request(MemberJoinDocument, { input: { displayName, acceptTerms: true, idempotencyKey, claimCode: claimCode() ?? null } })
      const [refusal] = memberJoin.userErrors
      if (refusal) return setProblem(refusalText(refusal, locale))
      await service.refresh()
      leave()
    } catch (error) {
      setProblem(problemText(error, locale))
    } finally {
      setWorking(false)
    }
  }
  return (
    <div class="stack">
      {problem ? (
        <Banner tone="bad" live="alert">
          {problem}
        </Banner>
      ) : (
        <p>{t('join.claim')}</p>
      )}
      <Button look="primary" size="large" wide busy={working} onClick={() => void add()}>
        {t('join.claimAdd')}
      </Button>
      <Button look="quiet" onClick={leave}>
        {t('notFound.back')}
      </Button>
    </div>
  )
}
