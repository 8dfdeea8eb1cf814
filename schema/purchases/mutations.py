"""Ringing up: preview, record, return."""

from dataclasses import dataclass
from typing import Any

import strawberry

from app.core.errors import DomainError, InvalidInput
from app.purchases.errors import MemberUnknown
from app.purchases.models import PreviewPurchase, RecordPurchase, RecordReturn
from schema.context import Context
from schema.fields import says
from schema.ledger import Explanation
from schema.money import Amount, Money
from schema.purchases.inputs import (
    DeferredScanInput,
    PurchasePreviewInput,
    PurchaseRecordInput,
    PurchaseReturnInput,
    ids_of,
    line_of,
    return_line_of,
)
from schema.purchases.types import PaidWithPoints, Purchase, Receipt, Return, ReturnView, paid_view
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import Points
from schema.till.access import till_of

RECORD = Refusals(
    "PurchaseRecord",
    "INVALID",
    "PRODUCT_UNKNOWN",
    "IN_THE_FUTURE",
    "BEFORE_MEMBER_JOINED",
    "TOO_OLD",
    "IDENTIFICATION_UNKNOWN",
    "CODE_REFUSED",
    "RECEIPT_CONFLICT",
    "IDEMPOTENCY_CONFLICT",
    "REDEMPTION_NOT_FOUND",
    "REDEMPTION_ENDED",
    "REDEMPTION_NOT_ALLOWED",
    "PAY_WITH_POINTS_NOT_ALLOWED",
    "PAY_WITH_POINTS_OUT_OF_RANGE",
    "NOT_ENOUGH_POINTS",
    "CURRENCY_MISMATCH",
    "LIMIT_REACHED",
    "BUSY",
    also={"RATE_LIMITED": "BUSY", "EXPIRED": "REDEMPTION_ENDED", "ENDED": "REDEMPTION_ENDED", "UNAVAILABLE": "BUSY"},
)
RETURN = Refusals(
    "PurchaseReturn",
    "INVALID",
    "NOT_FOUND",
    "NOTHING_LEFT",
    "MORE_THAN_LEFT",
    "IDEMPOTENCY_CONFLICT",
    "IN_THE_FUTURE",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
)


@strawberry.type(description="What a sale would come to; nothing was written and nothing is promised.")
class PurchasePreviewPayload:
    """Source: a dict."""

    total: Money | None = says("What there would be to pay, with the part that points pay.")
    paid_with_points: PaidWithPoints | None = says("What points would pay of it.")
    earned: Points | None = says("Points it would earn.")
    explanation: Explanation | None = says("Why these points.")
    user_errors: Any = user_errors(RECORD)


@strawberry.type(description="A sale as recorded.")
class PurchaseRecordPayload:
    """Source: a dict."""

    purchase: Purchase | None = says("The sale; null when nothing was done.")
    receipt: Receipt | None = says("What to print.")
    duplicate: bool = says(
        "True when this receipt had been posted already.", read=lambda answer: answer.get("duplicate", False)
    )
    user_errors: Any = user_errors(RECORD)


@strawberry.type(description="A return as recorded.")
class PurchaseReturnPayload:
    """Source: a dict."""

    return_: Return | None = says("The return; null when nothing was done.", name="return", key="return")
    purchase: Purchase | None = says("The sale after it.")
    receipt: Receipt | None = says("What to print.")
    user_errors: Any = user_errors(RETURN)


class CodeRefused(DomainError):
    """What was scanned offline turns out not to allow a sale."""

    code = "CODE_REFUSED"

    def __init__(self, why: str) -> None:
        super().__init__(why, ("input", "deferredScan", "code"))


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, and whether the identification is good enough for handing over rewards."""

    member_id: str | None = None
    may_redeem: bool = False
    deferred: bool = False


@mutation(
    "What a sale would come to and earn now; nothing is written.",
    payload=PurchasePreviewPayload,
    refusals=RECORD,
    scopes=["till:earn"],
)
async def purchase_preview(context: Context, sent: PurchasePreviewInput) -> dict[str, Any]:
    """Preview a sale."""
    buyer = await _identified(context, sent.identification) if sent.identification is not None else Buyer()
    preview = await context.services.purchases.preview(
        PreviewPurchase(
            lines=tuple(line_of(line) for line in sent.lines),
            member_id=buyer.member_id,
            redemption_ids=ids_of(sent.redemption_ids),
            pay_with_points=sent.pay_with_points,
            may_redeem=buyer.may_redeem and not buyer.deferred,
        )
    )
    return {
        "total": Amount(preview.total, preview.currency),
        "paid_with_points": paid_view(preview.paid_with_points, preview.currency),
        "earned": preview.earned,
        "explanation": preview.explanation,
    }


@mutation(
    "Records a sale once; the same receipt again gets the first answer again.",
    payload=PurchaseRecordPayload,
    refusals=RECORD,
    scopes=["till:earn"],
)
async def purchase_record(context: Context, sent: PurchaseRecordInput) -> dict[str, Any]:
    """Record a sale."""
    till = till_of(context)
    buyer = await _buyer(context, sent)
    recorded = await context.services.purchases.record(
        RecordPurchase(
            store_id=till.store_id,
            till_id=till.id,
            actor=context.access.actor,
            receipt_number=sent.receipt_number,
            business_date=sent.business_date,
            occurred_at=sent.occurred_at,
            lines=tuple(line_of(line) for line in sent.lines),
            idempotency_key=sent.idempotency_key,
            member_id=buyer.member_id,
            redemption_ids=ids_of(sent.redemption_ids),
            pay_with_points=sent.pay_with_points,
            deferred=buyer.deferred,
            may_redeem=buyer.may_redeem,
        )
    )
    return {"purchase": recorded.purchase, "receipt": recorded.receipt, "duplicate": recorded.duplicate}


@mutation(
    "Takes goods of a sale back, once, with the points that they earned.",
    payload=PurchaseReturnPayload,
    refusals=RETURN,
    scopes=["till:reverse"],
)
async def purchase_return(context: Context, sent: PurchaseReturnInput) -> dict[str, Any]:
    """Record a return."""
    till = till_of(context)
    returned = await context.services.purchases.return_(
        RecordReturn(
            purchase_id=str(sent.purchase_id),
            receipt_number=sent.receipt_number,
            occurred_at=sent.occurred_at,
            till_id=till.id,
            actor=context.access.actor,
            idempotency_key=sent.idempotency_key,
            lines=tuple(return_line_of(line) for line in sent.lines),
        )
    )
    return {
        "return": ReturnView(returned.return_, returned.purchase),
        "purchase": returned.purchase,
        "receipt": returned.receipt,
    }


async def _buyer(context: Context, sent: PurchaseRecordInput) -> Buyer:
    if sent.deferred_scan is not None and sent.identification is not None:
        raise InvalidInput(("input", "deferredScan"), "Send an identification or a deferred scan, not both.")
    if sent.deferred_scan is not None:
        return await _scanned_offline(context, sent.deferred_scan)
    if sent.identification is not None:
        return await _identified(context, sent.identification)
    return Buyer()


async def _identified(context: Context, identification: str) -> Buyer:
    found = await context.services.cards.identification(str(identification), till_id=till_of(context).id)
    if found is None or not found["may_earn"]:
        raise MemberUnknown
    return Buyer(found["member_id"], found["may_redeem"], found["deferred"])


async def _scanned_offline(context: Context, scan: DeferredScanInput) -> Buyer:
    found = await context.services.cards.identify(
        scan.code,
        till_id=till_of(context).id,
        basket_id=scan.basket_id,
        scanned_at=scan.scanned_at,
        deferred=True,
    )
    if found.member_id is None or not found.may_earn:
        raise CodeRefused(found.message)
    return Buyer(found.member_id, may_redeem=False, deferred=True)
