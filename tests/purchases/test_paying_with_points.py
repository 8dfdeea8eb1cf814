"""A part of a sale paid with points: how much it may be, what it earns, and what a return gives back."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import DomainError
from app.ledger.models import Earn, Redeem
from app.members.models import Enrolling, Member
from app.programme.defaults import HARVEST
from app.purchases.models import PreviewPurchase, ReturnLineInput
from tests.purchases.shop import APPLES, FUEL, MILK, STORE, TILL, Shop, at, line, open_shop


async def rich(shop: Shop, points: int = 1000) -> Member:
    member = await shop.member()
    await shop.give(member["_id"], points)
    return member


async def refusal(attempt: Any) -> tuple[str, tuple[str, ...] | None]:
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value.code, refused.value.field


async def test_points_pay_a_part_that_earns_nothing(shop: Shop) -> None:
    member = await rich(shop)
    sale = shop.sale(line(MILK, "40.00"), line(APPLES, "10.00"), member=member, pay_with_points=500)
    recorded = await shop.purchases.record(sale)
    purchase, receipt = recorded.purchase, recorded.receipt
    assert purchase["paid_with_points"] == {"points": 500, "amount": 500}
    assert [row.get("by_points") for row in purchase["lines"]] == [400, 100]
    assert (purchase["total"], purchase["earned"]) == (5000, 45)
    assert purchase["explanation"]["summary"] == (
        "You earned 45 points for $45.00. The $5.00 paid with 500 points earned nothing."
    )
    assert purchase["explanation"]["parts"][-1]["text"] == "$5.00 was paid with 500 points, which earns nothing."
    assert (receipt.points_before, receipt.points_earned, receipt.points_used, receipt.points_after) == (
        1000,
        45,
        500,
        545,
    )
    assert "Paid with 500 points: $5.00" in receipt.lines
    assert (await shop.balance(member)).active == 545
    paid = await shop.ledger.entry(member["_id"], f"pay:{purchase['_id']}")
    assert paid is not None
    assert (paid["kind"], paid["points"], paid["reason"]["title"]) == (
        "redeem",
        -500,
        "Paid with points at Harvest Main Street",
    )
    again = await shop.purchases.record(sale)
    assert again.duplicate
    assert again.receipt == receipt


async def test_a_preview_says_the_same_as_the_sale(shop: Shop) -> None:
    member = await rich(shop)
    lines = (line(MILK, "33.33"), line(APPLES, "8.08", 3), line(FUEL, "20.00"))
    preview = await shop.purchases.preview(PreviewPurchase(lines, member["_id"], pay_with_points=777))
    purchase = (await shop.buy(*lines, member=member, pay_with_points=777)).purchase
    assert preview.paid_with_points == purchase["paid_with_points"]
    assert (preview.total, preview.earned) == (purchase["total"], purchase["earned"])
    assert preview.explanation["summary"] == purchase["explanation"]["summary"]


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (0, "INVALID"),
        (-100, "INVALID"),
        (2**60, "INVALID"),
        (99, "PAY_WITH_POINTS_OUT_OF_RANGE"),
        (501, "PAY_WITH_POINTS_OUT_OF_RANGE"),
        (301, "NOT_ENOUGH_POINTS"),
    ],
)
async def test_what_cannot_be_paid_is_refused_and_nothing_is_written(shop: Shop, points: int, code: str) -> None:
    member = await rich(shop, 600 if points == 501 else 300)
    attempt = shop.buy(line(MILK, "10.00"), member=member, pay_with_points=points)
    assert await refusal(attempt) == (code, ("input", "payWithPoints"))
    looked = shop.purchases.preview(PreviewPurchase((line(MILK, "10.00"),), member["_id"], pay_with_points=points))
    assert await refusal(looked) == (code, ("input", "payWithPoints"))
    assert await shop.database["purchases"].count_documents({}) == 0
    assert (await shop.balance(member)).version == 1


async def test_only_a_card_that_may_spend_pays(shop: Shop) -> None:
    member = await rich(shop)
    not_allowed = ("PAY_WITH_POINTS_NOT_ALLOWED", ("input", "payWithPoints"))
    for changes in ({"may_redeem": False}, {"deferred": True}):
        assert await refusal(shop.buy(member=member, pay_with_points=100, **changes)) == not_allowed
    assert await refusal(shop.buy(pay_with_points=100)) == not_allowed
    enrolled = await shop.members.enrol_at_till(
        Enrolling(till_id=TILL, store_id=STORE, idempotency_key="bo", display_name="Bo")
    )
    await shop.give(enrolled.member["_id"], 500)
    assert await refusal(shop.buy(member=enrolled.member, pay_with_points=100)) == not_allowed


async def test_the_refusal_says_what_would_do(shop: Shop) -> None:
    member = await rich(shop, 5000)
    with pytest.raises(DomainError, match="can be paid with 100 to 500 points"):
        await shop.buy(line(MILK, "10.01"), member=member, pay_with_points=501)
    with pytest.raises(DomainError, match="too small to pay with points"):
        await shop.buy(line(MILK, "1.00"), member=member, pay_with_points=100)


async def test_the_last_points_pay_once(shop: Shop) -> None:
    member = await rich(shop, 500)
    sales = [shop.sale(line(MILK, "20.00"), member=member, pay_with_points=500) for _ in range(6)]
    outcomes = await asyncio.gather(
        *(shop.purchases.record(sale) for sale in sales for _ in range(3)), return_exceptions=True
    )
    done = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len({recorded.purchase["_id"] for recorded in done}) == 1
    assert {type(o).__name__ for o in outcomes if isinstance(o, BaseException)} <= {"NotEnoughPoints", "Busy"}
    assert await shop.database["purchases"].count_documents({}) == 1
    assert (await shop.balance(member)).active == 15
    for sale in sales:
        if sale.receipt_number != done[0].purchase["receipt_number"]:
            code, _ = await refusal(shop.purchases.record(sale))
            assert code == "NOT_ENOUGH_POINTS"
            await shop.purchases.record(replace(sale, pay_with_points=None))
    assert (await shop.balance(member)).active == 15 + 5 * 20


async def test_points_spent_elsewhere_meanwhile_withdraw_the_sale(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    member = await rich(shop, 500)
    reward = await shop.offer(price=100)
    await shop.give(member["_id"], 100)
    redemption = await shop.reserve(member, reward)
    sale = shop.sale(line(MILK, "30.00"), member=member, pay_with_points=500, redemption_ids=(redemption["_id"],))
    insert = shop.purchases._inserts

    async def spend_first(purchase: Any) -> Any:
        spend = Redeem(
            account=member["_id"],
            operation="elsewhere",
            occurred_at=shop.clock.now(),
            actor="till:x",
            reason={"title": "Spent elsewhere"},
            points=1,
        )
        await shop.ledger.post(spend)
        return await insert(purchase)

    with monkeypatch.context() as patched:
        patched.setattr(shop.purchases, "_inserts", spend_first)
        assert await refusal(shop.purchases.record(sale)) == ("NOT_ENOUGH_POINTS", ("input", "payWithPoints"))
    assert await shop.database["purchases"].count_documents({}) == 0
    free = await shop.rewards.redemption(redemption["_id"])
    assert free is not None
    assert (free["status"], free["step"], free["purchase"]) == ("RESERVED", None, None)
    assert ((await shop.balance(member)).active, (await shop.balance(member)).reserved) == (499, 100)


async def test_a_return_gives_the_points_back_to_their_lots(shop: Shop) -> None:
    member = await shop.member()
    for name, points, until in (("soon", 300, "2026-04-01T04:00+00:00"), ("late", 300, "2027-04-01T04:00+00:00")):
        earn = Earn(
            account=member["_id"],
            operation=name,
            occurred_at=shop.clock.now(),
            actor="till:x",
            reason={"title": name},
            points=points,
            expires_at=at(until),
        )
        await shop.ledger.post(earn)
    before = await shop.balance(member)
    purchase = (await shop.buy(line(MILK, "30.00", 3), member=member, pay_with_points=500)).purchase
    first = await shop.bring_back(purchase, ReturnLineInput(purchase["lines"][0]["id"], quantity=1))
    assert first.return_["points_back"] == {"points": 166, "amount": 166}
    assert first.return_["reversed"] == 25 - 16
    assert (first.receipt.points_earned, first.receipt.points_used) == (-9, -166)
    assert (first.receipt.points_before, first.receipt.points_after) == (125, 125 + 166 - 9)
    assert "Given back: 166" in first.receipt.lines
    assert "166 points that you had paid with came back to you." in first.return_["explanation"]["summary"]
    again = await shop.bring_back(
        first.purchase, receipt_number=first.return_["receipt_number"], lines=(), idempotency_key="rest"
    )
    assert again.return_["points_back"] == {"points": 334, "amount": 334}
    after = await shop.balance(member)
    assert [(lot.id, lot.remaining, lot.expires_at) for lot in after.lots] == [
        (lot.id, lot.remaining, lot.expires_at) for lot in before.lots
    ]
    assert (after.active, after.deficit, after.lifetime) == (600, 0, 600)


async def test_what_expired_meanwhile_comes_back_expired(shop: Shop) -> None:
    member = await shop.member()
    earn = Earn(
        account=member["_id"],
        operation="soon",
        occurred_at=shop.clock.now(),
        actor="till:x",
        reason={"title": "soon"},
        points=300,
        expires_at=at("2026-04-01T04:00+00:00"),
    )
    await shop.ledger.post(earn)
    purchase = (await shop.buy(line(MILK, "30.00"), member=member, pay_with_points=300)).purchase
    shop.clock.move_to(at("2026-04-02T12:00+00:00"))
    await shop.bring_back(purchase)
    assert (await shop.balance(member)).active == 0, "a return is no way around an expiry"


async def test_a_programme_without_it_refuses(database: Any, clock: Any) -> None:
    plain = HARVEST.copy()
    del plain["pay_with_points"]
    async with open_shop(database, clock, programme=plain) as shop:
        member = await rich(shop)
        code, _ = await refusal(shop.buy(member=member, pay_with_points=100))
        assert code == "PAY_WITH_POINTS_NOT_ALLOWED"


async def test_points_must_be_worth_whole_cents(database: Any, clock: Any) -> None:
    odd = HARVEST.copy()
    odd["pay_with_points"] = {"points_per_unit": 150, "minimum": 100, "maximum_share": 100}
    async with open_shop(database, clock, programme=odd) as shop:
        member = await rich(shop)
        with pytest.raises(DomainError, match="Take a multiple of 3"):
            await shop.buy(line(MILK, "10.00"), member=member, pay_with_points=100)
        purchase = (await shop.buy(line(MILK, "10.00"), member=member, pay_with_points=150)).purchase
        assert purchase["paid_with_points"] == {"points": 150, "amount": 100}
