from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from app.earning.defaults import HARVEST_RULES
from app.earning.engine import applies_at, evaluate
from app.earning.models import (
    BaseRate,
    BasketLine,
    Bonus,
    Caps,
    Context,
    Effect,
    EffectKind,
    PartKind,
    RuleSet,
    Scope,
    Window,
)

WEDNESDAY_NOON = datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
FRIDAY_NOON = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)


def line(
    number: int,
    amount: str,
    department: str = "GROCERY",
    category: str = "MILK",
    brand: str = "National",
    quantity: int = 1,
) -> BasketLine:
    return BasketLine(f"lin_{number}", f"prd_{number}", department, category, brand, quantity, Decimal(amount))


def context(occurred_at: datetime = WEDNESDAY_NOON, **changes: object) -> Context:
    return replace(Context(occurred_at, "America/New_York", "USD"), **changes)  # type: ignore[arg-type]


def rules(*bonuses: Bonus, **changes: object) -> RuleSet:
    plain = RuleSet(1, datetime(2026, 1, 1, tzinfo=UTC), BaseRate("base", Decimal(1)), bonuses=bonuses)
    return replace(plain, **changes)  # type: ignore[arg-type]


def bonus(kind: EffectKind, value: str, **changes: object) -> Bonus:
    plain = Bonus("offer", "Coffee Friday", "it was double-coffee Friday", Effect(kind, Decimal(value)))
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_one_rule_says_so_in_one_sentence() -> None:
    earning = evaluate(rules(), [line(1, "50.00")], context())
    assert earning.points == earning.qualifying == 50
    assert earning.summary == "You earned 50 points for $50.00."


def test_several_rules_are_told_apart() -> None:
    friday = bonus(EffectKind.FLAT, "20", window=Window(frozenset({5})))
    earning = evaluate(rules(friday, base=BaseRate("base", Decimal(2))), [line(1, "50.00")], context(FRIDAY_NOON))
    assert earning.points == 120
    assert earning.summary == "You earned 120 points: 100 for $50.00 and 20 because it was double-coffee Friday."


def test_one_point_is_singular() -> None:
    assert evaluate(rules(), [line(1, "1.99")], context()).summary == "You earned 1 point for $1.99."


def test_rounding_happens_once_and_is_told() -> None:
    earning = evaluate(rules(), [line(1, "0.60"), line(2, "0.60"), line(3, "0.60")], context())
    assert earning.points == 1
    assert [part.text for part in earning.parts if part.kind is PartKind.ROUNDING] == ["1.8 rounded down to 1."]
    assert sorted(earning.lines.values()) == [0, 0, 1]


@pytest.mark.parametrize(("rounding", "points"), [("down", 2), ("half_up", 3), ("half_even", 2), ("up", 3)])
def test_roundings(rounding: str, points: int) -> None:
    assert evaluate(rules(rounding=rounding), [line(1, "2.50")], context()).points == points


def test_multipliers_add_up_and_do_not_multiply_each_other() -> None:
    double = bonus(EffectKind.MULTIPLY, "2")
    earning = evaluate(rules(double), [line(1, "100.00")], context(tier_multiplier=Decimal("1.5"), tier_name="Gold"))
    assert earning.points == 250
    assert "50 because you are Gold" in earning.summary


def test_excluded_lines_earn_nothing_and_say_why() -> None:
    earning = evaluate(HARVEST_RULES, [line(1, "30.00", "FUEL", "FUEL"), line(2, "20.00")], context())
    assert earning.lines == {"lin_1": 0, "lin_2": 20}
    assert [part.text for part in earning.parts if part.rule == "no-fuel"] == ["Fuel does not earn points."]
    assert any(part.text == "$20.00 of $50.00 counted." for part in earning.parts)
    only_fuel = evaluate(HARVEST_RULES, [line(1, "30.00", "FUEL", "FUEL")], context())
    assert only_fuel.summary == "You earned no points: fuel does not earn points."


def test_an_empty_or_free_basket_earns_nothing_even_with_a_flat_bonus() -> None:
    generous = rules(bonus(EffectKind.FLAT, "20"), bonus(EffectKind.PER_ITEM, "5", id="items"))
    assert evaluate(generous, [], context()).summary == "You earned no points: nothing was paid."
    assert evaluate(generous, [line(1, "0.00")], context()).points == 0


def test_too_little_for_a_point() -> None:
    assert evaluate(rules(), [line(1, "0.40")], context()).summary == (
        "You earned no points: $0.40 is too little for one point."
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"window": Window(frozenset({5}))}, "Coffee Friday: only on Friday."),
        ({"window": Window(starts=time(7), ends=time(9))}, "Coffee Friday: only from 07:00 to 09:00."),
        ({"window": Window(last_day=date(2026, 3, 1))}, "Coffee Friday: only until 1 March 2026."),
        ({"tiers": frozenset({"gold"})}, "Coffee Friday: not for your tier."),
        ({"scope": Scope(departments=frozenset({"DELI"}))}, "Coffee Friday: nothing in this basket counts for it."),
        ({"min_spend": Decimal("20.00")}, "Coffee Friday: $7.50 short of $20.00."),
    ],
)
def test_a_missed_bonus_says_why(changes: dict[str, object], text: str) -> None:
    earning = evaluate(rules(bonus(EffectKind.FLAT, "20", **changes)), [line(1, "12.50")], context())
    assert [part.text for part in earning.parts if part.kind is PartKind.MISS] == [text]
    assert earning.points == 12


def test_of_exclusive_offers_the_best_counts() -> None:
    small = bonus(EffectKind.FLAT, "5", id="small", name="Small", exclusive="one")
    large = bonus(EffectKind.FLAT, "9", id="large", name="Large", exclusive="one")
    earning = evaluate(rules(small, large), [line(1, "10.00")], context())
    assert earning.points == 19
    assert [part.text for part in earning.parts if part.kind is PartKind.MISS] == [
        "Small: a better offer applied instead."
    ]


def test_caps_trim_and_are_told() -> None:
    capped = rules(bonus(EffectKind.PER_UNIT, "1", max_points=30), caps=Caps(per_purchase=120, per_day=150))
    basket = [line(1, "100.00"), line(2, "100.00")]
    earning = evaluate(capped, basket, context(earned_today=100))
    assert earning.points == 50
    assert earning.lines == {"lin_1": 25, "lin_2": 25}
    assert [(part.text, part.points) for part in earning.parts if part.kind is PartKind.CAP] == [
        ("Coffee Friday pays at most 30 points per purchase.", None),
        ("One purchase earns at most 120 points.", -110),
        ("One day earns at most 150 points; 100 were earned before.", -70),
    ]
    assert "One purchase earns at most 120 points." in earning.summary
    used_up = evaluate(capped, basket, context(earned_today=150))
    assert used_up.points == 0
    assert used_up.summary == ("You earned no points: one day earns at most 150 points; 150 were earned before.")


def test_only_base_points_qualify_when_the_rules_say_so() -> None:
    earning = evaluate(rules(bonus(EffectKind.FLAT, "20"), qualifying="base"), [line(1, "50.00")], context())
    assert (earning.points, earning.qualifying) == (70, 50)


@pytest.mark.parametrize(
    ("local_hour", "starts", "ends", "expected"),
    [
        (22, time(21), time(2), True),
        (1, time(21), time(2), True),
        (2, time(21), time(2), False),
        (12, time(21), time(2), False),
        (8, None, time(9), True),
        (9, None, time(9), False),
        (9, time(9), None, True),
    ],
)
def test_hours(local_hour: int, starts: time | None, ends: time | None, expected: bool) -> None:
    instant = datetime(2026, 7, 1, (local_hour + 4) % 24, 0, tzinfo=UTC)
    assert applies_at(Window(starts=starts, ends=ends), instant, "America/New_York") is expected


def test_days_are_those_of_the_programmes_zone() -> None:
    friday_evening_in_new_york = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
    assert applies_at(Window(frozenset({5})), friday_evening_in_new_york, "America/New_York")
    assert not applies_at(Window(frozenset({5})), friday_evening_in_new_york, "UTC")


def test_hours_follow_daylight_saving() -> None:
    nine = Window(starts=time(9), ends=time(10))
    assert applies_at(nine, datetime(2026, 3, 7, 14, 30, tzinfo=UTC), "America/New_York")
    assert applies_at(nine, datetime(2026, 3, 8, 13, 30, tzinfo=UTC), "America/New_York")


def test_other_currencies_are_named() -> None:
    assert evaluate(rules(), [line(1, "1240.50")], context(currency="CHF")).summary == (
        "You earned 1,240 points for 1,240.50 CHF."
    )
