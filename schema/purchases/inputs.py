"""What a till sends about sales and returns, and its way into the commands of the purchase service."""

from typing import Any

import strawberry

from app.purchases.models import LineInput
from app.purchases.models import ReturnLineInput as CommandReturnLine
from schema.money import MoneyInput
from schema.scalars import Date, DateTime, Points


def told(description: str, **options: Any) -> Any:
    """Declare a field of an input."""
    return strawberry.field(description=description, **options)


@strawberry.input(description="A line of a sale; the product by id, SKU or barcode.")
class PurchaseLineInput:
    """As the till writes it."""

    product_id: strawberry.ID | None = told("The product's id.", default=None)
    sku: str | None = told("The merchant's own number.", default=None)
    barcode: str | None = told("As scanned: EAN-8, UPC-A, EAN-13 or GTIN-14.", default=None)
    name: str | None = told("Name on the receipt; the catalogue's when left out.", default=None)
    quantity: int = told("Items, from 1.")
    amount: MoneyInput = told("Of the whole line, after discounts.")


@strawberry.input(description="A sale as it would be.")
class PurchasePreviewInput:
    """As the till writes it."""

    identification: strawberry.ID | None = told("Who buys; null for an anonymous sale.", default=None)
    lines: list[PurchaseLineInput] = told("What is sold.")
    redemption_ids: list[strawberry.ID] | None = told("Reservations to hand over with it.", default=None)
    pay_with_points: Points | None = told("Points to pay a part of it with; null = none.", default=None)


@strawberry.input(description="What was scanned while the line was down.")
class DeferredScanInput:
    """As the till writes it."""

    code: str = told("What was scanned or typed.")
    scanned_at: DateTime = told("When, by the till's clock.")
    basket_id: str = told("The basket that it was scanned for.")


@strawberry.input(description="A sale to record.")
class PurchaseRecordInput:
    """As the till writes it."""

    idempotency_key: str = told("Made by the till; the same again gets the first answer again.")
    identification: strawberry.ID | None = told("Who buys, from `cardIdentify`; null = anonymous.", default=None)
    deferred_scan: DeferredScanInput | None = told(
        "For sales rung up offline: what was scanned and when.", default=None
    )
    receipt_number: str = told("Number on the receipt; unique in till and business date.")
    business_date: Date = told("The store's calendar day.")
    occurred_at: DateTime = told("When it was rung up.")
    lines: list[PurchaseLineInput] = told("What was sold.")
    redemption_ids: list[strawberry.ID] | None = told("Reservations to hand over with this sale.", default=None)
    pay_with_points: Points | None = told(
        "Points that paid a part of it; null = none. What they pay earns nothing.", default=None
    )


@strawberry.input(description="What comes back of a line; neither quantity nor amount = all that is left of it.")
class ReturnLineInput:
    """As the till writes it."""

    line_id: strawberry.ID = told("The line as sold.")
    quantity: int | None = told("Items.", default=None)
    amount: MoneyInput | None = told("The amount that they were sold for.", default=None)


@strawberry.input(description="A return to record.")
class PurchaseReturnInput:
    """As the till writes it."""

    idempotency_key: str = told("Made by the till; the same again gets the first answer again.")
    purchase_id: strawberry.ID = told("The sale.")
    receipt_number: str = told("Number on the receipt of the return.")
    occurred_at: DateTime = told("When it was taken back.")
    lines: list[ReturnLineInput] = told("Empty = everything that is left.")


def line_of(line: PurchaseLineInput) -> LineInput:
    """The command's line."""
    return LineInput(
        quantity=line.quantity,
        amount=line.amount.amount,
        currency=line.amount.currency_code,
        product_id=_text(line.product_id),
        sku=line.sku,
        barcode=line.barcode,
        name=line.name,
    )


def return_line_of(line: ReturnLineInput) -> CommandReturnLine:
    """The command's line of a return."""
    return CommandReturnLine(
        line_id=str(line.line_id),
        quantity=line.quantity,
        amount=line.amount.amount if line.amount else None,
        currency=line.amount.currency_code if line.amount else None,
    )


def ids_of(given: list[strawberry.ID] | None) -> tuple[str, ...]:
    """Plain ids."""
    return tuple(str(each) for each in given or ())


def _text(given: strawberry.ID | None) -> str | None:
    return None if given is None else str(given)
