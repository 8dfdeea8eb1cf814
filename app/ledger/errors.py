"""The ledger's refusals: each case its own error, built from domain objects."""

from datetime import datetime
from typing import ClassVar

from app.core.errors import DomainError
from app.ledger.models import MAX_OPERATION_BYTES, MAX_POINTS, EntryDocument


class LedgerError(DomainError):
    """A command that the ledger did not post; nothing was written."""

    code: ClassVar[str] = "LEDGER_REFUSED"


class ZeroAmount(LedgerError):
    """Nothing to move."""

    code = "AMOUNT_ZERO"

    def __init__(self, field: str = "points") -> None:
        super().__init__(f"{field} must not be zero.", (field,))


class NegativeAmount(LedgerError):
    """An amount below zero where only a size makes sense."""

    code = "AMOUNT_NEGATIVE"

    def __init__(self, amount: int, field: str = "points") -> None:
        super().__init__(f"{field} must not be negative, but was {amount}.", (field,))


class FractionalAmount(LedgerError):
    """An amount that is not a whole number."""

    code = "AMOUNT_NOT_WHOLE"

    def __init__(self, amount: object, field: str = "points") -> None:
        super().__init__(f"{field} must be a whole number, but was {str(amount)[:40]}.", (field,))


class AmountOverflow(LedgerError):
    """An amount, or a total it leads to, beyond 2^53 - 1."""

    code = "AMOUNT_TOO_LARGE"

    def __init__(self, field: str = "points") -> None:
        super().__init__(f"{field} leads beyond {MAX_POINTS}, the largest number of points there can be.", (field,))


class UnknownAccount(LedgerError):
    """Taking from an account that never had an entry."""

    code = "ACCOUNT_UNKNOWN"

    def __init__(self, account: str) -> None:
        super().__init__(f"There is no account {account} with points to act on.", ("account",))


class InvalidAccount(LedgerError):
    """An account id that cannot be one."""

    code = "ACCOUNT_INVALID"

    def __init__(self) -> None:
        super().__init__("account must be 1 to 64 letters, digits, '_', '-' or '.'.", ("account",))


class UnknownLot(LedgerError):
    """No such lot on the account, or nothing left of it."""

    code = "LOT_UNKNOWN"

    def __init__(self, lot: str) -> None:
        super().__init__(f"There is no lot {lot} with points left on this account.", ("lot",))


class UnknownOperation(LedgerError):
    """Acting on an operation that was never applied."""

    code = "OPERATION_UNKNOWN"

    def __init__(self, operation: str, field: str = "of") -> None:
        super().__init__(f"The operation {operation} was never applied to this account.", (field,))


class OperationEmpty(LedgerError):
    """An idempotency key without a character."""

    code = "IDEMPOTENCY_KEY_EMPTY"

    def __init__(self) -> None:
        super().__init__("operation (the idempotency key) must not be empty.", ("operation",))


class OperationTooLong(LedgerError):
    """An idempotency key beyond its limit."""

    code = "IDEMPOTENCY_KEY_TOO_LONG"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"operation (the idempotency key) must be at most {MAX_OPERATION_BYTES} bytes, but has {size}.",
            ("operation",),
        )


class OperationInvalid(LedgerError):
    """An idempotency key with characters it may not have, or in the ledger's own name space."""

    code = "IDEMPOTENCY_KEY_INVALID"

    def __init__(self, why: str = "must be visible ASCII without spaces") -> None:
        super().__init__(f"operation (the idempotency key) {why}.", ("operation",))


class IdempotencyConflict(LedgerError):
    """The same key with another request."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self, stored: EntryDocument) -> None:
        super().__init__(
            f"The operation {stored['operation']} was already posted with another request, as {stored['kind']}.",
            ("operation",),
        )


class OperationVoided(LedgerError):
    """The operation's id was used up so that it can never happen."""

    code = "OPERATION_VOIDED"

    def __init__(self, operation: str) -> None:
        super().__init__(f"The operation {operation} was called off before it happened.", ("operation",))


class InsufficientPoints(LedgerError):
    """Fewer active points than asked for."""

    code = "INSUFFICIENT_POINTS"

    def __init__(self, wanted: int, active: int) -> None:
        super().__init__(f"{wanted} points are needed, but only {active} are available.", ("points",))
        self.wanted = wanted
        self.active = active


class NotPending(LedgerError):
    """Activating or cancelling points that no longer wait."""

    code = "NOT_PENDING"

    def __init__(self, operation: str) -> None:
        super().__init__(f"The points of {operation} are no longer pending.", ("of",))


class HoldReleased(LedgerError):
    """A hold that gave its points back already."""

    code = "HOLD_RELEASED"

    def __init__(self, hold: str) -> None:
        super().__init__(f"The reservation {hold} was released.", ("hold",))


class HoldCaptured(LedgerError):
    """A hold that was spent already."""

    code = "HOLD_CAPTURED"

    def __init__(self, hold: str) -> None:
        super().__init__(f"The reservation {hold} was already spent.", ("hold",))


class CaptureExceedsHold(LedgerError):
    """Spending more than was reserved."""

    code = "CAPTURE_EXCEEDS_HOLD"

    def __init__(self, wanted: int, held: int) -> None:
        super().__init__(f"{wanted} points cannot be taken from a reservation of {held}.", ("points",))


class ExpiryInPast(LedgerError):
    """Points that would be over before they begin."""

    code = "EXPIRY_IN_PAST"

    def __init__(self, expires_at: datetime) -> None:
        super().__init__(f"expiresAt ({expires_at.isoformat()}) is not after the points begin.", ("expiresAt",))


class NotDue(LedgerError):
    """Ending a lot before its time."""

    code = "NOT_DUE"

    def __init__(self, lot: str) -> None:
        super().__init__(f"The lot {lot} has not expired.", ("lot",))


class ExpiryNotLater(LedgerError):
    """An extension that would not extend anything."""

    code = "EXPIRY_NOT_LATER"

    def __init__(self) -> None:
        super().__init__("expiresAt is not later than the lot's present expiry.", ("expiresAt",))


class AlreadyReversed(LedgerError):
    """Reversing what was reversed in full."""

    code = "ALREADY_REVERSED"

    def __init__(self, operation: str) -> None:
        super().__init__(f"The operation {operation} was already reversed.", ("of",))


class NotReversible(LedgerError):
    """Reversing a kind of entry that has no reverse."""

    code = "NOT_REVERSIBLE"

    def __init__(self, stored: EntryDocument) -> None:
        super().__init__(f"{stored['operation']} is of kind {stored['kind']}, which cannot be reversed.", ("of",))


class ReversalExceedsOriginal(LedgerError):
    """Reversing more than was posted."""

    code = "REVERSAL_EXCEEDS_ORIGINAL"

    def __init__(self, wanted: int, original: int) -> None:
        super().__init__(f"{wanted} points cannot be reversed of {original}.", ("points",))


class NothingToReinstate(LedgerError):
    """Nothing of the lot expired, or it was too long ago."""

    code = "NOTHING_TO_REINSTATE"

    def __init__(self, lot: str) -> None:
        super().__init__(f"Nothing of the lot {lot} expired within the time in which it can come back.", ("lot",))


class SameAccount(LedgerError):
    """Two accounts were needed and one was given."""

    code = "SAME_ACCOUNT"

    def __init__(self, account: str) -> None:
        super().__init__(f"{account} cannot be on both sides.", ("account",))


class NotMerged(LedgerError):
    """Unmerging accounts that are not merged."""

    code = "NOT_MERGED"

    def __init__(self, account: str) -> None:
        super().__init__(f"{account} is not merged into this account.", ("source",))


class InvalidMonth(LedgerError):
    """Status points need the month they count for."""

    code = "MONTH_INVALID"

    def __init__(self) -> None:
        super().__init__('month must be given as "YYYY-MM" with qualifying points.', ("month",))


class InvalidInstant(LedgerError):
    """A time without a zone."""

    code = "INSTANT_INVALID"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} must be an instant with its offset from UTC.", (field,))


class OccurredInFuture(LedgerError):
    """An event that has not happened yet."""

    code = "OCCURRED_IN_FUTURE"

    def __init__(self, occurred_at: datetime) -> None:
        super().__init__(f"occurredAt ({occurred_at.isoformat()}) lies in the future.", ("occurredAt",))


class ReasonTooLong(LedgerError):
    """An explanation beyond what an entry can carry."""

    code = "REASON_TOO_LONG"

    def __init__(self) -> None:
        super().__init__("reason is too long to be kept with the entry.", ("reason",))


class Busy(LedgerError):
    """More operations are waiting than memory is set aside for; the same operation may be sent again."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("The ledger is busy; please try again with the same idempotency key.")


class LedgerUnavailable(LedgerError):
    """No answer from the database in time: whether it was posted is not known, and the same operation will tell."""

    code = "UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The ledger cannot be reached; please try again with the same idempotency key.")
