import { RewardsDocument, type RewardsQuery } from '../../generated/graphql.ts'
import { useMember, useService } from '../../shell/context.ts'
import { type Kept, useKept } from '../../shell/kept.ts'

/** The catalog as this member sees it; asked again when their points or reservations changed. */
export function useRewards(): Kept<NonNullable<RewardsQuery['viewer']>> {
  const { client } = useService()
  const { balance, redemptions, status } = useMember()
  const version = `${balance.active} ${balance.deficit} ${status} ${redemptions.nodes.map(({ id }) => id).join(' ')}`
  return useKept(
    'rewards',
    async () => {
      const { viewer } = await client.request(RewardsDocument)
      if (!viewer) throw new Error('No member')
      return viewer
    },
    version,
  )
}
