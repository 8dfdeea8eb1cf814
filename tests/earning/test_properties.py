from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.earning import codec
from app.earning.checks import check
from app.earning.engine import evaluate
from app.earning.models import BasketLine, Context, PartKind, RuleSet
from app.earning.split import largest_remainder
from tests.earning.strategies import amounts, baskets, contexts, rule_sets, steady


@steady
@given(rule_sets(), baskets(), contexts)
def test_lines_and_parts_add_up_to_the_points(rules: RuleSet, basket: list[BasketLine], context: Context) -> None:
    earning = evaluate(rules, basket, context)
    assert sum(earning.lines.values()) == earning.points
    assert sum(part.points or 0 for part in earning.parts) == earning.points
    assert set(earning.lines) == {line.id for line in basket}
    assert all(points >= 0 for points in earning.lines.values())
    assert 0 <= earning.qualifying <= earning.points
    assert all(part.text.endswith(".") for part in earning.parts)
    assert earning.summary.startswith("You earned ")


@steady
@given(rule_sets(), baskets(), contexts)
def test_the_same_question_has_the_same_answer(rules: RuleSet, basket: list[BasketLine], context: Context) -> None:
    assert evaluate(rules, basket, context) == evaluate(rules, list(basket), context)


@steady
@given(rule_sets(), baskets(min_size=1), contexts, st.data())
def test_paying_more_never_earns_less(
    rules: RuleSet, basket: list[BasketLine], context: Context, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(basket) - 1))
    dearer = list(basket)
    dearer[index] = replace(basket[index], amount=basket[index].amount + data.draw(amounts))
    without = basket[:index] + basket[index + 1 :]
    full = evaluate(rules, basket, context)
    assert evaluate(rules, dearer, context).points >= full.points
    assert evaluate(rules, without, context).points <= full.points


@steady
@given(rule_sets(), baskets(min_size=1), contexts, st.data())
def test_splitting_a_line_changes_no_total(
    rules: RuleSet, basket: list[BasketLine], context: Context, data: st.DataObject
) -> None:
    line = basket[0]
    cents = int(line.amount.scaleb(2))
    quantity = line.quantity + 1
    if cents < 2:
        cents, line = 2, replace(line, amount=Decimal("0.02"))
    first = data.draw(st.integers(1, cents - 1))
    taken = data.draw(st.integers(1, quantity - 1))
    whole = [replace(line, quantity=quantity), *basket[1:]]
    split = [
        replace(line, id="a", quantity=taken, amount=Decimal(first).scaleb(-2)),
        replace(line, id="b", quantity=quantity - taken, amount=Decimal(cents - first).scaleb(-2)),
        *basket[1:],
    ]
    one, two = evaluate(rules, whole, context), evaluate(rules, split, context)
    assert (one.points, one.qualifying) == (two.points, two.qualifying)


@steady
@given(rule_sets(), baskets(), contexts, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(
    rules: RuleSet, basket: list[BasketLine], context: Context, random: Random
) -> None:
    shuffled = list(basket)
    random.shuffle(shuffled)
    assert evaluate(rules, basket, context).points == evaluate(rules, shuffled, context).points


@steady
@given(rule_sets(), baskets(), contexts)
def test_caps_hold(rules: RuleSet, basket: list[BasketLine], context: Context) -> None:
    points = evaluate(rules, basket, context).points
    if rules.caps.per_purchase is not None:
        assert points <= rules.caps.per_purchase
    if rules.caps.per_day is not None:
        assert points <= max(0, rules.caps.per_day - context.earned_today)


@steady
@given(rule_sets(), baskets(), contexts)
def test_every_rule_of_the_set_is_accounted_for(rules: RuleSet, basket: list[BasketLine], context: Context) -> None:
    told = {part.rule for part in evaluate(rules, basket, context).parts if part.kind is not PartKind.BASIS}
    for bonus in rules.bonuses:
        worthless = bonus.effect.value in (0, 1) or not rules.base.points_per_unit
        assert bonus.id in told or worthless


@steady
@given(rule_sets())
def test_stored_rules_come_back_the_same(rules: RuleSet) -> None:
    assert codec.decode(rules.version, rules.effective_from, codec.encode(rules)) == rules


@steady
@given(rule_sets())
def test_generated_rules_are_publishable_but_for_empty_windows(rules: RuleSet) -> None:
    windows = [bonus.window for bonus in rules.bonuses if bonus.window is not None]
    if all(window.starts is None or window.starts != window.ends for window in windows):
        check(rules)


@steady
@given(st.integers(0, 10**12), st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=30))
def test_shares_add_up_and_are_fair(total: int, weights: list[Decimal]) -> None:
    shares = largest_remainder(total, weights)
    whole = sum(weights)
    assert sum(shares) == (total if whole else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert not whole or abs(share * whole - total * weight) < whole
