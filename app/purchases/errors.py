"""Why a sale or a return is refused; each is its own case, and nothing was written when one is raised."""

from datetime import date, datetime, timedelta

from app.core.errors import DomainError, InvalidInput
from app.purchases.models import LineInput, Purchase

INPUT = "input"
PAY_WITH_POINTS = (INPUT, "payWithPoints")


class InvalidPurchase(InvalidInput):
    """A field that no sale or return can have."""


class ProductUnknown(DomainError):
    """A line whose product is not in the catalogue."""

    code = "PRODUCT_UNKNOWN"

    def __init__(self, index: int, line: LineInput) -> None:
        if line.product_id is not None:
            named, by = "productId", line.product_id
        elif line.sku is not None:
            named, by = "sku", line.sku
        else:
            named, by = "barcode", line.barcode or ""
        super().__init__(f"There is no product {by[:40]}.", (INPUT, "lines", str(index), named))


class CurrencyMismatch(DomainError):
    """An amount in another currency than the programme's."""

    code = "CURRENCY_MISMATCH"

    def __init__(self, path: tuple[str, ...], given: str, expected: str) -> None:
        super().__init__(f"Amounts must be in {expected}, not {given[:8]}.", (*path, "currencyCode"))


class InTheFuture(DomainError):
    """A sale that has not happened yet."""

    code = "IN_THE_FUTURE"

    def __init__(self, occurred_at: datetime) -> None:
        super().__init__(f"{occurred_at.isoformat()} lies in the future.", (INPUT, "occurredAt"))


class TooOld(DomainError):
    """A sale from too long ago."""

    code = "TOO_OLD"

    def __init__(self, occurred_at: datetime, oldest: timedelta) -> None:
        super().__init__(
            f"{occurred_at.date().isoformat()} is more than {oldest.days} days ago.", (INPUT, "occurredAt")
        )


class BeforeMemberJoined(DomainError):
    """A sale from before the member joined."""

    code = "BEFORE_MEMBER_JOINED"

    def __init__(self, occurred_at: datetime, joined_at: datetime) -> None:
        super().__init__(
            f"This sale is from {occurred_at.date().isoformat()}, before the member joined "
            f"on {joined_at.date().isoformat()}.",
            (INPUT, "occurredAt"),
        )


class MemberUnknown(DomainError):
    """Nobody, or nobody any more, has this membership."""

    code = "IDENTIFICATION_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("There is no member to credit; identify the card again.", (INPUT, "identification"))


class ReceiptConflict(DomainError):
    """The receipt number was used for another sale."""

    code = "RECEIPT_CONFLICT"

    def __init__(self, stored: Purchase) -> None:
        super().__init__(
            f"Receipt {stored['receipt_number']} of {stored['business_date']} was already posted by this till "
            "with other contents.",
            (INPUT, "receiptNumber"),
        )


class IdempotencyConflict(DomainError):
    """The same key with another request."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__("This idempotency key was already used for another request.", (INPUT, "idempotencyKey"))


class LimitReached(DomainError):
    """More of something than one sale may have."""

    code = "LIMIT_REACHED"

    def __init__(self, field: str, most: int) -> None:
        super().__init__(f"One sale has at most {most} {field}.", (INPUT, field))


class RedemptionNotAllowed(DomainError):
    """A reward that this sale cannot hand over."""

    code = "REDEMPTION_NOT_ALLOWED"

    def __init__(self, why: str) -> None:
        super().__init__(why, (INPUT, "redemptionIds"))


class PayWithPointsNotAllowed(DomainError):
    """Points that this sale cannot be paid with."""

    code = "PAY_WITH_POINTS_NOT_ALLOWED"

    def __init__(self, why: str) -> None:
        super().__init__(why, PAY_WITH_POINTS)


class PayWithPointsOutOfRange(DomainError):
    """Too few or too many points to pay with, or a number that is worth no whole amount."""

    code = "PAY_WITH_POINTS_OUT_OF_RANGE"

    def __init__(self, least: int, most: int, step: int, points: str) -> None:
        if most < least:
            message = f"This sale is too small to pay with {points}."
        else:
            message = f"This sale can be paid with {least:,} to {most:,} {points}."
            message += f" Take a multiple of {step:,}." if step > 1 else ""
        super().__init__(message, PAY_WITH_POINTS)


class NotEnoughPoints(DomainError):
    """Fewer points than were to be paid with."""

    code = "NOT_ENOUGH_POINTS"

    def __init__(self, points: str) -> None:
        super().__init__(f"There are not enough {points} to pay with.", PAY_WITH_POINTS)


class PurchaseNotFound(DomainError):
    """No such purchase."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such purchase.", (INPUT, "purchaseId"))


class LineNotFound(DomainError):
    """The purchase has no such line."""

    code = "NOT_FOUND"

    def __init__(self, index: int) -> None:
        super().__init__("The purchase has no such line.", (INPUT, "lines", str(index), "lineId"))


class NothingLeft(DomainError):
    """Everything came back before."""

    code = "NOTHING_LEFT"

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__("Everything of it was returned before.", path)


class MoreThanLeft(DomainError):
    """More comes back than is left."""

    code = "MORE_THAN_LEFT"

    def __init__(self, path: tuple[str, ...], left: str) -> None:
        super().__init__(f"Only {left} can still be returned.", path)


class BeforePurchase(InvalidInput):
    """A return from before its sale."""

    def __init__(self, sold_on: date) -> None:
        super().__init__((INPUT, "occurredAt"), f"A return cannot be before its sale on {sold_on.isoformat()}.")


class Busy(DomainError):
    """The database is away or too much is waiting; the same request may be sent again."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("The service is busy; please try again with the same idempotency key.")
