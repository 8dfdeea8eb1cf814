"""The rules of the demonstration grocer: departments and categories are those of its product list."""

from datetime import UTC, datetime, time
from decimal import Decimal

from app.earning.models import BaseRate, Bonus, Caps, Effect, EffectKind, Exclusion, RuleSet, Scope, Window

HARVEST_RULES = RuleSet(
    version=1,
    effective_from=datetime(2000, 1, 1, tzinfo=UTC),
    base=BaseRate("base", Decimal(1)),
    exclusions=(
        Exclusion("no-fuel", Scope(departments=frozenset({"FUEL"})), "fuel does not earn points"),
        Exclusion(
            "no-tobacco",
            Scope(categories=frozenset({"CIGARETTES", "CIGARS", "TOBACCO OTHER"})),
            "tobacco does not earn points",
        ),
        Exclusion(
            "no-vouchers",
            Scope(categories=frozenset({"COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "COUPON", "GIFT CARDS"})),
            "gift cards, coupons and deposits do not earn points",
        ),
        Exclusion("no-donations", Scope(departments=frozenset({"CHARITABLE CONT"})), "donations do not earn points"),
    ),
    bonuses=(
        Bonus(
            "fresh-friday",
            "Fresh Friday",
            "it was Fresh Friday: double points on fruit and vegetables",
            Effect(EffectKind.MULTIPLY, Decimal(2)),
            Scope(departments=frozenset({"PRODUCE"})),
            Window(weekdays=frozenset({5})),
        ),
        Bonus(
            "early-bird",
            "Early bird",
            "you shopped before nine on a weekday",
            Effect(EffectKind.FLAT, Decimal(5)),
            window=Window(weekdays=frozenset({1, 2, 3, 4, 5}), starts=time(5), ends=time(9)),
            min_spend=Decimal(10),
        ),
        Bonus(
            "own-brand",
            "Harvest's own brand",
            "Harvest's own brand earns half as much again",
            Effect(EffectKind.PER_UNIT, Decimal("0.5")),
            Scope(brands=frozenset({"Private"})),
            max_points=50,
        ),
        Bonus(
            "big-basket",
            "Big basket",
            "you spent $100 or more at once",
            Effect(EffectKind.FLAT, Decimal(25)),
            min_spend=Decimal(100),
        ),
    ),
    caps=Caps(per_purchase=2_000),
)
