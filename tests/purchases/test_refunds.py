"""Any split and any order of returns ends like one full return, over random and real baskets and random rule sets."""

from decimal import Decimal
from math import gcd

from hypothesis import given
from hypothesis import strategies as st

from app.earning.models import BasketLine, Context, RuleSet
from app.programme.defaults import HARVEST
from app.purchases import tender
from app.purchases.judging import judge
from app.purchases.models import PaidWithPoints, PurchaseLine, ReturnLineInput, StoredContext
from app.purchases.money import from_minor
from app.purchases.refunds import is_returned_in_full, take_back_lines
from tests.earning.strategies import baskets, contexts, rule_sets, steady
from tests.purchases.grocer import real_baskets


def lines_of(basket: list[BasketLine]) -> list[PurchaseLine]:
    return [
        {
            "id": row.id,
            "product": row.product_id,
            "name": "Something",
            "department": row.department,
            "category": row.category,
            "brand": row.brand,
            "quantity": row.quantity,
            "amount": int(row.amount.scaleb(2)),
            "paid": int(row.amount.scaleb(2)),
            "earned": 0,
            "returned_quantity": 0,
            "returned_amount": 0,
        }
        for row in basket
    ]


@st.composite
def payment(draw: st.DrawFn, lines: list[PurchaseLine]) -> tuple[PaidWithPoints | None, list[PurchaseLine]]:
    """A part of the sale paid with points, at some rate; nothing of it where it is too small."""
    per_unit = draw(st.sampled_from([20, 100, 150, 10_000]))
    programme = HARVEST.copy()
    programme["pay_with_points"] = {"points_per_unit": per_unit, "minimum": 1, "maximum_share": 100}
    whole_cents = per_unit // gcd(per_unit, 100)
    most = sum(line["paid"] for line in lines) * per_unit // 100 // whole_cents
    if not most:
        return None, lines
    return tender.tender(programme, draw(st.integers(1, most)) * whole_cents, lines)


@st.composite
def next_return(draw: st.DrawFn, lines: list[PurchaseLine]) -> list[ReturnLineInput]:
    """A return of some of what is left: items, money or all of a line, one or several lines."""
    asked = []
    for row in lines:
        left, money = row["quantity"] - row["returned_quantity"], row["paid"] - row["returned_amount"]
        if not left or not draw(st.booleans()):
            continue
        how = draw(st.sampled_from(["all", "quantity", "amount"] if money else ["all", "quantity"]))
        if how == "all":
            asked.append(ReturnLineInput(row["id"]))
        elif how == "quantity":
            asked.append(ReturnLineInput(row["id"], quantity=draw(st.integers(1, left))))
        else:
            amount = from_minor(draw(st.integers(1, money)), "USD")
            asked.append(ReturnLineInput(row["id"], amount=amount, currency="USD"))
    return asked


@steady
@given(rule_sets(), real_baskets | baskets(min_size=1), contexts, st.data())
def test_any_split_and_order_is_one_full_return(
    rules: RuleSet, basket: list[BasketLine], context: Context, data: st.DataObject
) -> None:
    stored: StoredContext = {
        "zone": context.zone,
        "tier_id": context.tier_id,
        "tier_name": context.tier_name,
        "tier_multiplier": str(context.tier_multiplier),
        "earned_today": context.earned_today,
    }

    def earns(lines: list[PurchaseLine]) -> tuple[int, int]:
        earning = judge(rules, context.occurred_at, "USD", stored, lines, HARVEST)
        return earning.points, earning.qualifying

    paid, sold = data.draw(payment(lines_of(basket)))
    earned, qualifying = earns(sold)
    full, back = take_back_lines(sold, [], "USD")
    assert is_returned_in_full(full)
    assert earns(full) == (0, 0)
    assert sum(row["amount"] for row in back) == sum(row["paid"] for row in sold)

    assert paid is None or tender.all_back(paid, full) == paid
    lines, taken, money, total = sold, 0, 0, 0
    given_back: PaidWithPoints = {"points": 0, "amount": 0}
    for _ in range(20):
        if is_returned_in_full(lines):
            break
        asked = data.draw(next_return(lines))
        lines, back = take_back_lines(lines, asked, "USD") if asked else (lines, [])
        kept, kept_qualifying = earns(lines)
        assert earned - kept >= total, "a return never gives points"
        assert 0 <= kept_qualifying <= qualifying
        taken += earned - kept - total
        total = earned - kept
        money += sum(row["amount"] for row in back)
        if paid is not None:
            now_back = tender.all_back(paid, lines)
            by_points = now_back["amount"] - given_back["amount"]
            assert 0 <= by_points <= sum(row["amount"] for row in back), "no money is asked for when goods come back"
            assert given_back["points"] <= now_back["points"] <= paid["points"]
            given_back = now_back
    else:
        lines, back = take_back_lines(lines, [], "USD") if not is_returned_in_full(lines) else (lines, [])
        taken += earned - total
        money += sum(row["amount"] for row in back)
    assert is_returned_in_full(lines)
    assert lines == full
    assert taken == earned
    assert money == sum(row["paid"] for row in sold)


@steady
@given(st.integers(0, 100_000), st.integers(1, 50), st.data())
def test_items_one_by_one_bring_the_line_in_even_parts(paid: int, quantity: int, data: st.DataObject) -> None:
    row = lines_of([BasketLine("lin_1", "prd_1", "GROCERY", "MILK", None, quantity, Decimal(paid).scaleb(-2))])
    amounts = []
    for _ in range(quantity):
        row, back = take_back_lines(row, [ReturnLineInput("lin_1", quantity=1)], "USD")
        amounts.append(back[0]["amount"])
    assert sum(amounts) == paid
    assert max(amounts) - min(amounts) <= 1
