import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.errors import DomainError
from app.ledger.models import Redeem
from app.programme.defaults import HARVEST
from app.purchases.models import RecordReturn, ReturnLineInput
from tests.purchases.shop import APPLES, FUEL, MILK, TILL, Shop, line, open_shop


async def test_everything_back_takes_everything_back(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "70.00", 7), line(FUEL, "10.00"), member=member)).purchase
    returned = await shop.bring_back(purchase)
    assert (returned.return_["reversed"], returned.return_["total"]) == (70, 8000)
    assert returned.receipt.points_earned == -70
    assert (returned.receipt.points_before, returned.receipt.points_after) == (70, 0)
    assert returned.receipt.lines[0] == "You returned goods, so 70 points went back: the sale had earned 70 points."
    balance = await shop.balance(member)
    assert (balance.active, balance.lifetime, sum(balance.qualifying.values())) == (0, 0, 0)
    assert [row["returned_quantity"] for row in returned.purchase["lines"]] == [7, 1]
    entry = (await shop.ledger.entries(member["_id"]))[0]
    assert entry["reason"]["title"] == "Return at Harvest Main Street"
    assert entry["reason"]["reference"]["return"] == returned.return_["id"]


async def test_a_threshold_is_judged_by_what_is_kept(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "60.00"), line(APPLES, "60.00", 2), member=member)).purchase
    assert purchase["earned"] == 145, "120 and 25 for a big basket"
    apple, milk = purchase["lines"][1]["id"], purchase["lines"][0]["id"]
    first = await shop.bring_back(purchase, ReturnLineInput(apple, quantity=1))
    assert first.return_["reversed"] == 145 - 90, "below 100 dollars the big basket's points go too"
    second = await shop.bring_back(purchase, ReturnLineInput(milk, amount=Decimal("10.00"), currency="USD"))
    assert second.return_["reversed"] == 10
    third = await shop.bring_back(purchase)
    assert third.return_["reversed_total"] == 145
    assert (await shop.balance(member)).active == 0


async def test_the_sales_own_rules_judge_its_return(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "10.00", 2), member=member)).purchase
    rules = await shop.earning.at(shop.clock.now())
    await shop.earning.publish(replace(rules, base=replace(rules.base, points_per_unit=Decimal(9))), "agent:idn_1")
    await shop.bring_back(purchase, ReturnLineInput(purchase["lines"][0]["id"], quantity=1))
    assert (await shop.balance(member)).active == 5


async def test_spent_points_become_a_deficit_that_the_next_sale_repays(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "50.00"), member=member)).purchase
    await shop.ledger.post(
        Redeem(
            account=member["_id"],
            operation="spend",
            occurred_at=shop.clock.now(),
            actor="till:x",
            reason={"title": "Spent"},
            points=40,
        )
    )
    returned = await shop.bring_back(purchase)
    assert returned.receipt.lines[-1] == "The rest was spent already; your next points make up for it."
    assert (await shop.balance(member)).deficit == 40
    receipt = (await shop.buy(line(MILK, "60.00"), member=member)).receipt
    assert receipt.points_after == 20
    assert "40 points made up for points that were taken back before." in receipt.lines
    assert (await shop.balance(member)).deficit == 0


async def test_the_policy_can_let_spent_points_go(database: Database, clock: MovableClock) -> None:
    lenient = {**HARVEST, "return_policy": {"deficit": "within_balance"}}
    async with open_shop(database, clock, programme=lenient) as shop:  # type: ignore[arg-type] # a spread TypedDict
        member = await shop.member()
        purchase = (await shop.buy(line(MILK, "50.00"), member=member)).purchase
        await shop.ledger.post(
            Redeem(
                account=member["_id"],
                operation="spend",
                occurred_at=clock.now(),
                actor="till:x",
                reason={"title": "Spent"},
                points=40,
            )
        )
        await shop.bring_back(purchase)
        balance = await shop.balance(member)
        assert (balance.active, balance.deficit) == (0, 0)


async def test_a_return_repeated_is_one_return(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "70.00", 7), member=member)).purchase
    one = RecordReturn(
        purchase["_id"],
        "B-1",
        shop.clock.now(),
        TILL,
        f"till:{TILL}",
        "key",
        (ReturnLineInput(purchase["lines"][0]["id"], quantity=2),),
    )
    other = shop.again()
    answers = await asyncio.gather(*(place.purchases.return_(one) for _ in range(20) for place in (shop, other)))
    assert {answer.return_["id"] for answer in answers} == {answers[0].return_["id"]}
    assert sum(not answer.duplicate for answer in answers) == 1
    assert (await shop.balance(member)).active == 50
    new_key = await shop.purchases.return_(replace(one, idempotency_key="new"))
    assert new_key.duplicate, "its own receipt number tells that it is the same return"
    own_number = replace(one, receipt_number=purchase["receipt_number"], idempotency_key="second")
    assert not (await shop.purchases.return_(own_number)).duplicate
    found = await shop.purchases.by_return(answers[0].return_["id"])
    assert found is not None
    assert (found[0]["_id"], found[1]["reversed"]) == (purchase["_id"], 20)
    await other.purchases.stop()


async def test_returns_at_the_same_moment_never_take_more_than_there_is(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "50.00", 5), member=member)).purchase
    item = ReturnLineInput(purchase["lines"][0]["id"], quantity=1)
    other = shop.again()
    outcomes = await asyncio.gather(
        *(
            place.bring_back(purchase, item, receipt_number=f"{n}{name}", idempotency_key=f"{n}{name}")
            for n in range(4)
            for name, place in (("a", shop), ("b", other))
        ),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert len(refused) == 3
    assert {error.code for error in refused} == {"NOTHING_LEFT"}
    assert (await shop.balance(member)).active == 0
    await other.purchases.stop()


async def test_an_anonymous_sale_can_come_back(shop: Shop) -> None:
    purchase = (await shop.buy(line(MILK, "10.00"))).purchase
    returned = await shop.bring_back(purchase)
    assert returned.return_["reversed"] == 0
    assert returned.receipt.points_after is None
    assert returned.return_["explanation"]["summary"] == "You returned goods that had earned nothing."


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (ReturnLineInput("lin_none"), "NOT_FOUND", "lineId"),
        (ReturnLineInput("", quantity=0), "INVALID", "quantity"),
        (ReturnLineInput("", quantity=4), "MORE_THAN_LEFT", "quantity"),
        (ReturnLineInput("", amount=Decimal("30.01"), currency="USD"), "MORE_THAN_LEFT", "amount"),
        (ReturnLineInput("", amount=Decimal(0), currency="USD"), "INVALID", "amount"),
        (ReturnLineInput("", amount=Decimal("0.001"), currency="USD"), "INVALID", "amount"),
        (ReturnLineInput("", amount=Decimal(1), currency="EUR"), "CURRENCY_MISMATCH", "currencyCode"),
    ],
)
async def test_a_return_that_cannot_be_is_refused_by_field(
    shop: Shop, asked: ReturnLineInput, code: str, field: str
) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "30.00", 3), member=member)).purchase
    asked = replace(asked, line_id=asked.line_id or purchase["lines"][0]["id"])
    with pytest.raises(DomainError) as refused:
        await shop.bring_back(purchase, asked)
    assert refused.value.code == code
    assert refused.value.field is not None
    assert refused.value.field[:3] == ("input", "lines", "0")
    assert refused.value.field[-1] == field
    stored = await shop.purchases.by_id(purchase["_id"])
    assert stored is not None
    assert stored["returns"] == []


async def test_other_refusals(shop: Shop) -> None:
    purchase = (await shop.buy(line(MILK, "30.00", 3))).purchase
    with pytest.raises(DomainError) as unknown:
        await shop.bring_back(purchase, purchase_id="pur_none")
    assert unknown.value.code == "NOT_FOUND"
    with pytest.raises(DomainError) as future:
        await shop.bring_back(purchase, occurred_at=shop.clock.now() + timedelta(hours=1))
    assert future.value.code == "IN_THE_FUTURE"
    with pytest.raises(DomainError) as early:
        await shop.bring_back(purchase, occurred_at=shop.clock.now() - timedelta(hours=1))
    assert early.value.field == ("input", "occurredAt")
    await shop.bring_back(purchase, idempotency_key="same")
    with pytest.raises(DomainError) as conflict:
        await shop.bring_back(purchase, idempotency_key="same")
    assert conflict.value.code == "IDEMPOTENCY_CONFLICT", "another receipt number under the same key"
    other = (await shop.buy(line(MILK, "30.00", 3))).purchase
    with pytest.raises(DomainError) as conflict:
        await shop.bring_back(other, idempotency_key="same")
    assert conflict.value.code == "IDEMPOTENCY_CONFLICT"
    with pytest.raises(DomainError) as nothing:
        await shop.bring_back(purchase)
    assert nothing.value.code == "NOTHING_LEFT"
