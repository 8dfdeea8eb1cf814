"""Between stored purchases and the rules: what the rules see of a sale, and what is kept of their answer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.earning import words
from app.earning.engine import evaluate
from app.earning.models import BasketLine, Context, Earning, RuleSet
from app.programme.models import Programme
from app.programme.service import zone_of
from app.purchases import tender
from app.purchases.models import (
    Explanation,
    ExplanationPart,
    PaidWithPoints,
    Purchase,
    PurchaseLine,
    StoredContext,
)
from app.purchases.money import from_minor
from app.tiers.models import Standing


def basket_of(lines: Sequence[PurchaseLine], currency: str) -> list[BasketLine]:
    """What is left of these lines after returns and was not paid with points, as the rules see it."""
    return [
        BasketLine(
            line["id"],
            line["product"],
            line["department"],
            line["category"],
            line["brand"],
            line["quantity"] - line["returned_quantity"],
            from_minor(tender.kept(line), currency),
        )
        for line in lines
        if line["quantity"] > line["returned_quantity"]
    ]


def context_to_store(programme: Programme, standing: Standing | None, earned_today: int = 0) -> StoredContext:
    """The context a sale is judged in; without a member there is no tier."""
    return {
        "zone": programme["zone"],
        "tier_id": standing.tier["id"] if standing else None,
        "tier_name": standing.tier["name"] if standing else None,
        "tier_multiplier": str(standing.multiplier) if standing else "1",
        "earned_today": earned_today,
    }


def judge(
    rules: RuleSet,
    occurred_at: datetime,
    currency: str,
    stored: StoredContext,
    lines: Sequence[PurchaseLine],
    programme: Programme,
) -> Earning:
    """What is left of these lines earns under these rules, in the context that the sale was judged in."""
    context = Context(
        occurred_at=occurred_at,
        zone=stored["zone"],
        currency=currency,
        tier_id=stored["tier_id"],
        tier_name=stored["tier_name"],
        tier_multiplier=Decimal(stored["tier_multiplier"]),
        earned_today=stored["earned_today"],
        points_one=programme["points_one"],
        points_other=programme["points_other"],
    )
    return evaluate(rules, basket_of(lines, currency), context)


def explanation_of(earning: Earning, paid: PaidWithPoints | None, programme: Programme) -> Explanation:
    """The explanation as it is stored, with what points paid for; parts name no line twice."""
    parts: list[ExplanationPart] = [
        {
            "kind": part.kind.value,
            "rule": part.rule,
            "version": earning.version if part.rule is not None else None,
            "text": part.text,
            "points": part.points,
            "lines": list(part.lines),
        }
        for part in earning.parts
    ]
    if paid is None:
        return {"summary": earning.summary, "parts": parts}
    amount = words.money(from_minor(paid["amount"], programme["currency"]), programme["currency"])
    points = words.count(paid["points"], programme["points_one"], programme["points_other"])
    parts.append(_note(f"{amount} was paid with {points}, which earns nothing."))
    return {"summary": f"{earning.summary} The {amount} paid with {points} earned nothing.", "parts": parts}


def explain_anonymous(earning: Earning, programme: Programme) -> Explanation:
    """Why an anonymous sale earned nothing, and what it would have earned."""
    would = words.count(earning.points, programme["points_one"], programme["points_other"])
    summary = f"No member was named, so nothing was earned; a member would have earned {would}."
    return {"summary": summary, "parts": [_note("No member was named.")]}


def explain_return(
    kept: Earning, purchase: Purchase, taken_back: int, points_back: int, programme: Programme
) -> Explanation:
    """Why a return took these points back, and gave back these that had been paid with."""
    points = words.count(taken_back, programme["points_one"], programme["points_other"])
    of = words.count(purchase["earned"], programme["points_one"], programme["points_other"])
    what_stays = f"what you kept earns {kept.points:,} of the {of}" if kept.points else f"the sale had earned {of}"
    summary = f"You returned goods, so {points} went back: {what_stays}."
    if not taken_back:
        summary = "You returned goods that had earned nothing."
    part: ExplanationPart = {
        "kind": "BASIS",
        "rule": None,
        "version": kept.version,
        "text": f"Judged by the rules of the sale (version {kept.version}): {what_stays}.",
        "points": -taken_back,
        "lines": [],
    }
    if not points_back:
        return {"summary": summary, "parts": [part]}
    given = words.count(points_back, programme["points_one"], programme["points_other"])
    text = f"{given} that you had paid with came back to you."
    return {"summary": f"{summary} {text}", "parts": [part, _note(text)]}


def explain_late(
    purchase: Purchase, late: Purchase, standing: Standing, points: int, programme: Programme
) -> Explanation:
    """Why a sale earns more now: a sale from before it, or with it, had made a tier."""
    more = words.count(points, programme["points_one"], programme["points_other"])
    arrived = late["occurred_at"].astimezone(zone_of(programme))
    came = "Sales of the same time" if late["_id"] == purchase["_id"] else f"A sale of {arrived:%-d %B %Y}"
    text = f"{came} arrived late; with it you were {standing.tier['name']} already, which is {more} more."
    part: ExplanationPart = {
        "kind": "RULE",
        "rule": "late",
        "version": purchase["rules"],
        "text": text,
        "points": points,
        "lines": [],
    }
    return {"summary": text, "parts": [part]}


def whole_explanation(purchase: Purchase) -> Explanation:
    """Why a sale earned what it did, with what was counted later."""
    told = purchase["explanation"]
    added = [part for late in purchase.get("late", ()) for part in late["explanation"]["parts"]]
    return {"summary": told["summary"], "parts": [*told["parts"], *added]} if added else told


def _note(text: str) -> ExplanationPart:
    return {"kind": "NOTE", "rule": None, "version": None, "text": text, "points": None, "lines": []}
