"""Building a sale's document and preview from what was checked and looked up; pure functions."""

from collections.abc import Sequence
from datetime import datetime

from app.earning.models import Earning
from app.members.models import Member
from app.products.models import Product
from app.programme.models import Programme
from app.programme.service import zone_of
from app.purchases import intake
from app.purchases.discounts import money_off
from app.purchases.judging import explain_anonymous, explanation_of
from app.purchases.models import (
    LineInput,
    PaidWithPoints,
    Preview,
    Purchase,
    PurchaseLine,
    PurchaseRedemption,
    RecordPurchase,
    StoredContext,
)
from app.purchases.money import to_minor
from app.rewards.models import HandOver

_LINE_HEX = 16


def sold(
    purchase_id: str,
    inputs: Sequence[LineInput],
    products: Sequence[Product],
    rewards: Sequence[HandOver],
    currency: str,
) -> tuple[list[PurchaseLine], list[int]]:
    """The lines of a sale with what is paid for each, and the money each reward takes off, in minor units.

    Line ids follow from the purchase and the position, so that a retry makes the same ones.
    """
    amounts = [to_minor(line.amount, currency) or 0 for line in inputs]
    off = money_off(amounts, [line.quantity for line in inputs], products, [each.reward for each in rewards])
    stem = purchase_id.partition("_")[2][:_LINE_HEX]
    lines: list[PurchaseLine] = [
        {
            "id": f"lin_{stem}{position:03x}",
            "product": product["_id"],
            "name": line.name or product["name"],
            "department": product["department"],
            "category": product["category"],
            "brand": product["brand"],
            "quantity": line.quantity,
            "amount": amount,
            "paid": paid,
            "earned": 0,
            "returned_quantity": 0,
            "returned_amount": 0,
        }
        for position, (line, product, amount, paid) in enumerate(
            zip(inputs, products, amounts, off.paid, strict=True), start=1
        )
    ]
    return lines, off.by_reward


def day_key(programme: Programme, member_id: str, occurred_at: datetime) -> str:
    """Names a member's day in the programme's zone, over which daily caps count."""
    return f"{member_id}:{occurred_at.astimezone(zone_of(programme)).date().isoformat()}"


def preview(
    programme: Programme,
    lines: Sequence[PurchaseLine],
    discounts: Sequence[int],
    paid: PaidWithPoints | None,
    earning: Earning,
    *,
    anonymous: bool,
) -> Preview:
    """What a sale would come to."""
    return Preview(
        currency=programme["currency"],
        total=sum(line["paid"] for line in lines),
        discount=sum(discounts),
        paid_with_points=paid,
        earned=0 if anonymous else earning.points,
        explanation=explain_anonymous(earning, programme) if anonymous else explanation_of(earning, paid, programme),
    )


def purchase(
    command: RecordPurchase,
    programme: Programme,
    purchase_id: str,
    lines: Sequence[PurchaseLine],
    discounts: Sequence[int],
    rewards: Sequence[HandOver],
    paid: PaidWithPoints | None,
    member: Member | None,
    earning: Earning,
    context: StoredContext,
    now: datetime,
) -> Purchase:
    """The document of a sale; an anonymous one earns nothing and says so."""
    redemptions: list[PurchaseRedemption] = [
        {
            "id": each.redemption["_id"],
            "reward": each.reward["_id"],
            "name": each.reward["name"],
            "points": each.redemption["points"],
            "discount": discount,
        }
        for each, discount in zip(rewards, discounts, strict=True)
    ]
    earned_by = earning.lines if member is not None else {}
    document: Purchase = {
        "_id": purchase_id,
        "programme": programme["_id"],
        "store": command.store_id,
        "till": command.till_id,
        "member": member["_id"] if member else None,
        "receipt_number": command.receipt_number,
        "business_date": command.business_date.isoformat(),
        "occurred_at": command.occurred_at,
        "received_at": now,
        "currency": programme["currency"],
        "lines": [{**line, "earned": earned_by.get(line["id"], 0)} for line in lines],
        "redemptions": redemptions,
        "discount": sum(discounts),
        "total": sum(line["paid"] for line in lines),
        "earned": earning.points if member else 0,
        "qualifying": earning.qualifying if member else 0,
        "rules": earning.version,
        "context": context,
        "explanation": explanation_of(earning, paid, programme) if member else explain_anonymous(earning, programme),
        "returns": [],
        "deferred": command.deferred,
        "actor": command.actor,
        "idempotency_key": command.idempotency_key,
        "digest": intake.digest(command),
        "revision": 0,
    }
    if paid is not None:
        document["paid_with_points"] = paid
    if member is not None:
        document["posting"] = True
    return document
