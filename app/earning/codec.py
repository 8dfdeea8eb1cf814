"""Rule sets to and from what MongoDB keeps: decimals as text, times and days in ISO form, sets in order."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from app.earning.models import BaseRate, Bonus, Caps, Effect, EffectKind, Exclusion, RuleSet, Scope, Window

_DIMENSIONS = ("departments", "categories", "brands", "products")


def encode(rules: RuleSet) -> dict[str, Any]:
    """The rules of a set as a plain document; version and instant are kept beside it."""
    return {
        "base": {"id": rules.base.id, "points_per_unit": str(rules.base.points_per_unit)},
        "exclusions": [
            {"id": rule.id, "scope": _scope_out(rule.scope), "reason": rule.reason} for rule in rules.exclusions
        ],
        "bonuses": [_bonus_out(bonus) for bonus in rules.bonuses],
        "caps": {"per_purchase": rules.caps.per_purchase, "per_day": rules.caps.per_day},
        "rounding": rules.rounding,
        "tier_multiplier": rules.tier_multiplier,
        "qualifying": rules.qualifying,
    }


def decode(version: int, effective_from: datetime, document: dict[str, Any]) -> RuleSet:
    """The rule set that was encoded."""
    return RuleSet(
        version=version,
        effective_from=effective_from,
        base=BaseRate(document["base"]["id"], Decimal(document["base"]["points_per_unit"])),
        exclusions=tuple(
            Exclusion(rule["id"], _scope_in(rule["scope"]), rule["reason"]) for rule in document["exclusions"]
        ),
        bonuses=tuple(_bonus_in(bonus) for bonus in document["bonuses"]),
        caps=Caps(document["caps"]["per_purchase"], document["caps"]["per_day"]),
        rounding=document["rounding"],
        tier_multiplier=document["tier_multiplier"],
        qualifying=document["qualifying"],
    )


def _scope_out(scope: Scope) -> dict[str, list[str]]:
    return {name: sorted(getattr(scope, name)) for name in _DIMENSIONS if getattr(scope, name)}


def _scope_in(document: dict[str, list[str]]) -> Scope:
    return Scope(**{name: frozenset(values) for name, values in document.items()})


def _window_out(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {
        "weekdays": sorted(window.weekdays),
        "starts": window.starts.isoformat() if window.starts else None,
        "ends": window.ends.isoformat() if window.ends else None,
        "first_day": window.first_day.isoformat() if window.first_day else None,
        "last_day": window.last_day.isoformat() if window.last_day else None,
    }


def _window_in(document: dict[str, Any] | None) -> Window | None:
    if document is None:
        return None
    return Window(
        weekdays=frozenset(document["weekdays"]),
        starts=time.fromisoformat(document["starts"]) if document["starts"] else None,
        ends=time.fromisoformat(document["ends"]) if document["ends"] else None,
        first_day=date.fromisoformat(document["first_day"]) if document["first_day"] else None,
        last_day=date.fromisoformat(document["last_day"]) if document["last_day"] else None,
    )


def _bonus_out(bonus: Bonus) -> dict[str, Any]:
    return {
        "id": bonus.id,
        "name": bonus.name,
        "because": bonus.because,
        "effect": {"kind": bonus.effect.kind.value, "value": str(bonus.effect.value)},
        "scope": _scope_out(bonus.scope),
        "window": _window_out(bonus.window),
        "min_spend": str(bonus.min_spend),
        "tiers": sorted(bonus.tiers),
        "max_points": bonus.max_points,
        "exclusive": bonus.exclusive,
    }


def _bonus_in(document: dict[str, Any]) -> Bonus:
    return Bonus(
        id=document["id"],
        name=document["name"],
        because=document["because"],
        effect=Effect(EffectKind(document["effect"]["kind"]), Decimal(document["effect"]["value"])),
        scope=_scope_in(document["scope"]),
        window=_window_in(document["window"]),
        min_spend=Decimal(document["min_spend"]),
        tiers=frozenset(document["tiers"]),
        max_points=document["max_points"],
        exclusive=document["exclusive"],
    )
