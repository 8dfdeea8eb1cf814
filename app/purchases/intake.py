"""Checks of what a till sends, before anything is looked up or written; pure functions."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.ledger.models import MAX_POINTS
from app.purchases.errors import (
    INPUT,
    PAY_WITH_POINTS,
    CurrencyMismatch,
    InTheFuture,
    InvalidPurchase,
    LimitReached,
    TooOld,
)
from app.purchases.models import LineInput, RecordPurchase
from app.purchases.money import exponent, to_minor

SKEW = timedelta(minutes=5)
MOST_LINES = 500
MOST_QUANTITY = 9_999
MOST_AMOUNT = Decimal(1_000_000)
MOST_REDEMPTIONS = 10
_LONGEST_RECEIPT_NUMBER = 40
_LONGEST_KEY = 128
_LONGEST_NAME = 200
_BUSINESS_DATE_DRIFT = 2


def check_record(command: RecordPurchase, currency: str, zone: ZoneInfo, now: datetime, oldest: timedelta) -> None:
    """Refuse a sale that cannot be; the first wrong field is named.

    Raises InvalidPurchase, CurrencyMismatch, LimitReached, InTheFuture and TooOld.
    """
    check_key(command.idempotency_key)
    check_receipt_number(command.receipt_number)
    check_instant(command.occurred_at, now)
    if command.occurred_at < now - oldest:
        raise TooOld(command.occurred_at, oldest)
    drift = abs((command.business_date - command.occurred_at.astimezone(zone).date()).days)
    if drift > _BUSINESS_DATE_DRIFT:
        raise InvalidPurchase((INPUT, "businessDate"), "The business date is not about the day of the sale.")
    check_lines(command.lines, currency)
    check_redemptions(command.redemption_ids)
    check_points(command.pay_with_points)


def check_points(points: int | None) -> None:
    """Refuse to pay with no or negative points."""
    if points is not None and not 1 <= points <= MAX_POINTS:
        raise InvalidPurchase(PAY_WITH_POINTS, "Pay with at least one point, or leave it out.")


def check_lines(lines: Sequence[LineInput], currency: str) -> None:
    """Refuse lines that cannot be sold; paths are ("input", "lines", index, field)."""
    if not lines:
        raise InvalidPurchase((INPUT, "lines"), "A sale has at least one line.")
    if len(lines) > MOST_LINES:
        raise LimitReached("lines", MOST_LINES)
    for index, line in enumerate(lines):
        path = (INPUT, "lines", str(index))
        if not 1 <= line.quantity <= MOST_QUANTITY:
            raise InvalidPurchase((*path, "quantity"), f"A quantity is 1 to {MOST_QUANTITY:,}.")
        check_amount((*path, "amount"), line.amount, line.currency, currency)
        named = [name for name in (line.product_id, line.sku, line.barcode) if name is not None]
        if not named:
            raise InvalidPurchase((*path, "productId"), "Name the product by its id, SKU or barcode.")
        texts = [*named, line.name or ""]
        if any(len(text) > _LONGEST_NAME or not text.isprintable() for text in texts):
            message = f"Names and numbers have at most {_LONGEST_NAME} printable characters."
            raise InvalidPurchase(path, message)


def check_amount(path: tuple[str, ...], amount: Decimal, given: str | None, currency: str) -> int:
    """The amount in minor units. Raises InvalidPurchase and CurrencyMismatch."""
    if given is not None and given != currency:
        raise CurrencyMismatch(path, given, currency)
    if not amount.is_finite() or not 0 <= amount <= MOST_AMOUNT:
        raise InvalidPurchase((*path, "amount"), f"An amount is 0 to {MOST_AMOUNT:,}.")
    minor = to_minor(amount, currency)
    if minor is None:
        raise InvalidPurchase((*path, "amount"), f"{currency} has {exponent(currency)} decimals.")
    return minor


def check_redemptions(redemption_ids: Sequence[str]) -> None:
    """Refuse too many rewards at once, or one twice."""
    if len(redemption_ids) > MOST_REDEMPTIONS:
        raise LimitReached("redemptionIds", MOST_REDEMPTIONS)
    if len(set(redemption_ids)) != len(redemption_ids):
        raise InvalidPurchase((INPUT, "redemptionIds"), "A reward can be handed over once.")


def check_receipt_number(receipt_number: str) -> None:
    """Refuse a receipt number that is empty, long or not printable."""
    if not 1 <= len(receipt_number) <= _LONGEST_RECEIPT_NUMBER or not receipt_number.isprintable():
        message = f"A receipt number has 1 to {_LONGEST_RECEIPT_NUMBER} printable characters."
        raise InvalidPurchase((INPUT, "receiptNumber"), message)
    if receipt_number != receipt_number.strip():
        raise InvalidPurchase((INPUT, "receiptNumber"), "A receipt number does not begin or end with a space.")


def check_key(idempotency_key: str) -> None:
    """Refuse an idempotency key that is empty, long or not printable."""
    if not 1 <= len(idempotency_key) <= _LONGEST_KEY or not idempotency_key.isprintable():
        message = f"An idempotency key has 1 to {_LONGEST_KEY} printable characters."
        raise InvalidPurchase((INPUT, "idempotencyKey"), message)


def check_instant(occurred_at: datetime, now: datetime) -> None:
    """Refuse an instant without a zone, or further ahead than clocks differ."""
    if occurred_at.tzinfo is None:
        raise InvalidPurchase((INPUT, "occurredAt"), "An instant needs its offset from UTC.")
    if occurred_at > now + SKEW:
        raise InTheFuture(occurred_at)


def purchase_id(programme: str, command: RecordPurchase) -> str:
    """The id that follows from the business key, so that one receipt can only ever be one purchase."""
    return f"pur_{_fingerprint([programme, *_business_key(command)])[:24]}"


def return_id(till: str, idempotency_key: str) -> str:
    """The id that follows from a till and its key, so that one key can only ever be one return."""
    return f"ret_{_fingerprint([till, idempotency_key])[:24]}"


def digest(command: RecordPurchase) -> str:
    """Fingerprint of the sale itself: equal for a retry, also one that was queued in between."""
    lines = [
        [line.product_id, line.sku, line.barcode, line.name, line.quantity, _decimal(line.amount), line.currency]
        for line in command.lines
    ]
    return _fingerprint(
        [
            *_business_key(command),
            command.occurred_at.timestamp(),
            command.member_id,
            lines,
            sorted(command.redemption_ids),
            *([command.pay_with_points] if command.pay_with_points is not None else []),
        ]
    )


def fingerprint_of_return(purchase: str, receipt_number: str, lines: Sequence[Sequence[Any]]) -> str:
    """Fingerprint of a return as it was asked for."""
    return _fingerprint([purchase, receipt_number, [list(line) for line in lines]])


def _business_key(command: RecordPurchase) -> list[str]:
    return [command.store_id, command.till_id, command.receipt_number, command.business_date.isoformat()]


def _decimal(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _fingerprint(value: list[Any]) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
