"""Between stored purchases and the rules: what the rules see of a sale, and what is kept of their answer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.earning import words
from app.earning.engine import evaluate
from app.earning.models import BasketLine, Context, Earning, RuleSet
from app.programme.models import Programme
from app.purchases.models import Explanation, ExplanationPart, Purchase, PurchaseLine, StoredContext
from app.purchases.money import from_minor
from app.tiers.models import Standing


def basket_of(lines: Sequence[PurchaseLine], currency: str) -> list[BasketLine]:
    """What is left of these lines after returns, as the rules see it."""
    return [
        BasketLine(
            line["id"],
            line["product"],
            line["department"],
            line["category"],
            line["brand"],
            line["quantity"] - line["returned_quantity"],
            from_minor(line["paid"] - line["returned_amount"], currency),
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


def explanation_of(earning: Earning) -> Explanation:
    """The explanation as it is stored; parts name no line twice."""
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
    return {"summary": earning.summary, "parts": parts}


def explain_anonymous(earning: Earning, programme: Programme) -> Explanation:
    """Why an anonymous sale earned nothing, and what it would have earned."""
    would = words.count(earning.points, programme["points_one"], programme["points_other"])
    summary = f"No member was named, so nothing was earned; a member would have earned {would}."
    note: ExplanationPart = {
        "kind": "NOTE",
        "rule": None,
        "version": None,
        "text": "No member was named.",
        "points": None,
        "lines": [],
    }
    return {"summary": summary, "parts": [note]}


def explain_return(kept: Earning, purchase: Purchase, taken_back: int, programme: Programme) -> Explanation:
    """Why a return took these points back."""
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
    return {"summary": summary, "parts": [part]}
