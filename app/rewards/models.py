"""Shapes of rewards and redemptions.

Stored money is whole minor units of the programme's currency; instants are aware UTC. A reward's stock is a ledger
stream whose account is the reward's id.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

RewardKind = Literal["FIXED_DISCOUNT", "PERCENT_DISCOUNT", "FREE_PRODUCT", "VOUCHER_CODE"]
RedemptionStatus = Literal["RESERVED", "CONFIRMED", "CANCELLED", "EXPIRED", "REVERSED", "REFUSED"]
Step = Literal["reserving", "confirming", "cancelling", "expiring", "reversing"]
IneligibleReason = Literal[
    "NOT_ENOUGH_POINTS", "OUT_OF_STOCK", "MEMBER_LIMIT_REACHED", "DEFICIT", "TIER_TOO_LOW", "UNCLAIMED", "NOT_AVAILABLE"
]


class Reward(TypedDict):
    """Something to have for points. `discount` (minor units), `percent` and `product` belong to their kinds.

    `limited` says whether there is a stock stream. `min_tier` is a tier id. `rank` orders the catalogue.
    `per_member` counts reservations and handed-over rewards together.
    """

    _id: str
    programme: str
    kind: RewardKind
    name: str
    description: str
    terms: str | None
    price: int
    discount: int | None
    percent: int | None
    product: str | None
    limited: bool
    per_member: int | None
    min_tier: str | None
    available_from: datetime | None
    available_until: datetime | None
    glyph: str
    rank: int
    active: bool


class Redemption(TypedDict):
    """A reward on its way to a member; `_id` derives from the member and the idempotency key.

    `step` names the transition under way, which the sweeper finishes when nobody else does; a redemption that is
    still "reserving" or was REFUSED is nobody's yet. `slot` numbers the member's redemptions of a limited reward.
    `changed_at` is when status or step last changed, `points` the price at reservation, `attempt` counts tries under
    one key after a refusal.
    """

    _id: str
    programme: str
    member: str
    reward: str
    status: RedemptionStatus
    step: Step | None
    points: int
    code: str
    reserved_at: datetime
    reserved_until: datetime
    changed_at: datetime
    attempt: int
    limited: bool
    kind: RewardKind
    confirmed_at: datetime | None
    purchase: str | None
    till: str | None
    actor: str | None
    voucher_code: str | None
    confirm_key: str | None
    slot: NotRequired[int]


class Voucher(TypedDict):
    """One code of a pool; handed out once, by one atomic update that sets `redemption` and takes `free` away."""

    _id: str
    reward: str
    code: str
    free: NotRequired[bool]
    redemption: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether somebody can have a reward now; the reason and a sentence when not."""

    eligible: bool
    reason: IneligibleReason | None = None
    message: str | None = None
    points_missing: int | None = None


@dataclass(frozen=True, slots=True)
class NewReward:
    """A reward to put into the catalogue; `id` is "rwd_" and 24 hex digits. `stock` None means unlimited.

    For a VOUCHER_CODE the codes are the stock; see `RewardService.add_codes`.
    """

    id: str
    kind: RewardKind
    name: str
    description: str
    price: int
    glyph: str
    terms: str | None = None
    discount: int | None = None
    percent: int | None = None
    product: str | None = None
    stock: int | None = None
    per_member: int | None = None
    min_tier: str | None = None
    available_from: datetime | None = None
    available_until: datetime | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class HandOver:
    """A redemption with its reward, ready to be handed over with a sale."""

    redemption: Redemption
    reward: Reward
