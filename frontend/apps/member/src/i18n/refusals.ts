import type { IneligibleReason, MemberJoinErrorCode, RedemptionCancelErrorCode, RewardReserveErrorCode, SignInMethodRemoveErrorCode } from '../generated/graphql.ts'

/** Refusals that are bugs here, or that name what was typed: nobody can do without the service's own sentence. */
type Unsaid = 'INVALID' | 'TERMS_NOT_ACCEPTED' | 'IDEMPOTENCY_CONFLICT'

type Code = Exclude<IneligibleReason | MemberJoinErrorCode | RedemptionCancelErrorCode | RewardReserveErrorCode | SignInMethodRemoveErrorCode, Unsaid> | 'WRONG_CODE'

/** What the service says in English, by its codes; English has none of these, since the service's own sentences know more. */
export type Refusals = Record<`refusal.${Code}`, string>
