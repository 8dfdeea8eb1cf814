"""Why a reward is not given; nothing was spent when one is raised, unless it says so."""

from datetime import datetime
from typing import TYPE_CHECKING

from app.core.errors import DomainError, InvalidInput
from app.rewards.models import IneligibleReason, Redemption

if TYPE_CHECKING:
    from app.rewards.models import Eligibility


class InvalidReward(InvalidInput):
    """A field that no reward or redemption can have."""


class RewardNotFound(DomainError):
    """No such reward."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such reward.", ("input", "rewardId"))


class Ineligible(DomainError):
    """This member cannot have this reward now; each reason has its own class and code."""

    def __init__(self, eligibility: "Eligibility") -> None:
        super().__init__(eligibility.message or "This reward is not available.", ("input", "rewardId"))
        self.eligibility = eligibility


class NotAvailable(Ineligible):
    """The reward is not on offer."""

    code = "NOT_AVAILABLE"


class Unclaimed(Ineligible):
    """The member never signed in."""

    code = "UNCLAIMED"


class TierTooLow(Ineligible):
    """The reward is for higher tiers."""

    code = "TIER_TOO_LOW"


class OutOfStock(Ineligible):
    """Nothing is left."""

    code = "OUT_OF_STOCK"


class MemberLimitReached(Ineligible):
    """The member had as many as allowed."""

    code = "MEMBER_LIMIT_REACHED"


class Deficit(Ineligible):
    """The member owes points."""

    code = "DEFICIT"


class NotEnoughPoints(Ineligible):
    """The member has too few points."""

    code = "NOT_ENOUGH_POINTS"


INELIGIBLE: dict[IneligibleReason, type[Ineligible]] = {
    "NOT_AVAILABLE": NotAvailable,
    "UNCLAIMED": Unclaimed,
    "TIER_TOO_LOW": TierTooLow,
    "OUT_OF_STOCK": OutOfStock,
    "MEMBER_LIMIT_REACHED": MemberLimitReached,
    "DEFICIT": Deficit,
    "NOT_ENOUGH_POINTS": NotEnoughPoints,
}


class IdempotencyConflict(DomainError):
    """The same key with another request."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__("This idempotency key was already used for another request.", ("input", "idempotencyKey"))


class RedemptionNotFound(DomainError):
    """No such redemption, or not this member's."""

    code = "NOT_FOUND"

    def __init__(self, field: str = "code") -> None:
        super().__init__("There is no such reservation.", ("input", field))


class OtherMember(DomainError):
    """The reservation belongs to somebody else than the member at the till."""

    code = "OTHER_MEMBER"

    def __init__(self) -> None:
        super().__init__("This reward belongs to another member.", ("input", "code"))


class AlreadyConfirmed(DomainError):
    """Cancelling what was handed over."""

    code = "ALREADY_CONFIRMED"

    def __init__(self) -> None:
        super().__init__("This reward was already handed over.", ("input", "redemptionId"))


class AlreadyEnded(DomainError):
    """Cancelling what ended before."""

    code = "ALREADY_ENDED"

    def __init__(self, redemption: Redemption) -> None:
        how = "ran out" if redemption["status"] == "EXPIRED" else "was cancelled"
        super().__init__(f"This reservation {how}; the points are back.", ("input", "redemptionId"))


class Ended(DomainError):
    """Handing over what ended before."""

    code = "ENDED"

    def __init__(self, redemption: Redemption) -> None:
        how = {"CONFIRMED": "already handed over", "REVERSED": "given back"}.get(redemption["status"], "cancelled")
        super().__init__(f"This reward was {how}.", ("input", "code"))


class Expired(DomainError):
    """Handing over what was reserved for too long."""

    code = "EXPIRED"

    def __init__(self, reserved_until: datetime) -> None:
        super().__init__(
            f"This reservation ran out at {reserved_until:%Y-%m-%d %H:%M} UTC; the points are back.", ("input", "code")
        )


class SaleRedemptionNotFound(RedemptionNotFound):
    """No such redemption, said about a sale."""

    code = "REDEMPTION_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("redemptionIds")


class SaleRedemptionEnded(DomainError):
    """A redemption that ended before the sale."""

    code = "REDEMPTION_ENDED"

    def __init__(self, redemption: Redemption) -> None:
        how = {"CONFIRMED": "was already handed over", "EXPIRED": "ran out"}.get(redemption["status"], "has ended")
        super().__init__(f"The reservation {redemption['code']} {how}.", ("input", "redemptionIds"))


class Busy(DomainError):
    """The ledger or the database is away; the same request may be sent again."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("The service is busy; please try again with the same idempotency key.")
