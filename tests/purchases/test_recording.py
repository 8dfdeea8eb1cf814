import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.programme.defaults import HARVEST
from app.programme.models import Programme
from app.purchases.errors import IdempotencyConflict, ReceiptConflict
from app.purchases.models import LineInput
from tests.purchases.shop import APPLES, BREAD, FUEL, MILK, OTHER_TILL, STORE, TILL, Shop, ids, line, open_shop


async def test_a_sale_earns_and_says_why(shop: Shop) -> None:
    member = await shop.member()
    recorded = await shop.buy(line(MILK, "7.00", 2), line(FUEL, "30.00", 10), member=member)
    purchase, receipt = recorded.purchase, recorded.receipt
    assert (purchase["earned"], purchase["total"], recorded.duplicate) == (7, 3700, False)
    assert [row["earned"] for row in purchase["lines"]] == [7, 0]
    assert purchase["explanation"]["summary"] == "You earned 7 points for $7.00."
    assert (receipt.points_before, receipt.points_earned, receipt.points_used, receipt.points_after) == (0, 7, 0, 7)
    assert receipt.lines == ("You earned 7 points for $7.00.", "Points before: 0", "Earned: 7", "Points now: 7")
    balance = await shop.balance(member)
    assert (balance.active, balance.qualifying) == (7, {"2026-03": 7})
    [entry] = await shop.ledger.entries(member["_id"])
    assert entry["reason"]["title"] == "Harvest Main Street"
    assert entry["reason"]["reference"] == {"purchase": purchase["_id"]}
    assert entry["reason"]["summary"] == purchase["explanation"]["summary"]
    assert {part["kind"] for part in entry["reason"]["parts"]} == {"RULE", "MISS", "BASIS"}


async def test_points_expire_by_the_programmes_policy(shop: Shop) -> None:
    member = await shop.member()
    await shop.buy(line(MILK, "10.00"), member=member)
    [lot] = (await shop.balance(member)).lots
    assert lot.expires_at == datetime(2027, 4, 1, 4, 0, tzinfo=UTC), "the end of March 2027 in New York"


async def test_the_same_request_again_gives_the_first_answer(shop: Shop) -> None:
    member = await shop.member()
    sale = shop.sale(line(MILK, "10.00"), member=member)
    first = await shop.purchases.record(sale)
    await shop.buy(line(MILK, "5.00"), member=member)
    again = await shop.purchases.record(sale)
    assert again.duplicate
    assert again.receipt == first.receipt
    assert {**again.purchase, "posting": True} == {**first.purchase, "posting": True}
    assert (await shop.balance(member)).active == 15


async def test_a_retry_with_a_new_key_is_still_the_same_receipt(shop: Shop) -> None:
    member = await shop.member()
    sale = shop.sale(line(MILK, "10.00"), member=member)
    first = await shop.purchases.record(sale)
    queued = replace(sale, idempotency_key="another", deferred=True)
    again = await shop.purchases.record(queued)
    assert again.duplicate
    assert again.purchase["_id"] == first.purchase["_id"]
    assert (await shop.balance(member)).active == 10


async def test_the_same_receipt_with_other_contents_is_refused(shop: Shop) -> None:
    sale = shop.sale(line(MILK, "10.00"))
    await shop.purchases.record(sale)
    with pytest.raises(ReceiptConflict) as refused:
        await shop.purchases.record(replace(sale, idempotency_key="another", lines=(line(MILK, "11.00"),)))
    assert refused.value.field == ("input", "receiptNumber")


async def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    sale = shop.sale(line(MILK, "10.00"))
    await shop.purchases.record(sale)
    for changed in (
        replace(sale, lines=(line(MILK, "11.00"),)),
        replace(sale, receipt_number="other"),
        replace(sale, occurred_at=sale.occurred_at - timedelta(minutes=1), receipt_number="third"),
    ):
        with pytest.raises(IdempotencyConflict):
            await shop.purchases.record(changed)
    assert await shop.database["purchases"].count_documents({}) == 1


async def test_one_key_sent_a_hundred_times_at_once_has_one_effect(shop: Shop) -> None:
    member = await shop.member()
    sale = shop.sale(line(MILK, "10.00"), member=member)
    other = shop.again()
    answers = await asyncio.gather(*(place.purchases.record(sale) for _ in range(50) for place in (shop, other)))
    assert {answer.purchase["_id"] for answer in answers} == {answers[0].purchase["_id"]}
    assert {answer.receipt for answer in answers} == {answers[0].receipt}
    assert sum(not answer.duplicate for answer in answers) == 1
    assert (await shop.balance(member)).active == 10
    assert len(await shop.ledger.entries(member["_id"])) == 1
    await other.purchases.stop()


async def test_two_tills_may_use_the_same_receipt_number(shop: Shop) -> None:
    one = shop.sale()
    two = replace(one, till_id=OTHER_TILL, actor=f"till:{OTHER_TILL}")
    first, second = await asyncio.gather(shop.purchases.record(one), shop.purchases.record(two))
    assert not first.duplicate
    assert not second.duplicate
    found = await shop.purchases.by_receipt(one.receipt_number, store=STORE, business_date=one.business_date)
    assert sorted(ids(found)) == sorted([first.purchase["_id"], second.purchase["_id"]])


async def test_an_anonymous_sale_is_kept_and_says_what_it_would_have_earned(shop: Shop) -> None:
    recorded = await shop.buy(line(MILK, "10.00"))
    assert recorded.purchase["earned"] == 0
    assert recorded.receipt.points_after is None
    assert recorded.purchase["explanation"]["summary"] == (
        "No member was named, so nothing was earned; a member would have earned 10 points."
    )
    again = await shop.purchases.record(
        shop.sale(line(MILK, "10.00"), receipt_number=recorded.purchase["receipt_number"], idempotency_key="x")
    )
    assert again.duplicate


async def test_a_sale_that_earns_nothing_moves_nothing_and_says_why(shop: Shop) -> None:
    member = await shop.member()
    sale = shop.sale(line(FUEL, "30.00", 10), member=member)
    recorded = await shop.purchases.record(sale)
    assert recorded.purchase["explanation"]["summary"] == "You earned no points: fuel does not earn points."
    assert (recorded.receipt.points_before, recorded.receipt.points_after) == (0, 0)
    [note] = await shop.ledger.entries(member["_id"])
    assert (note["kind"], note["points"], note["movements"], note["postings"]) == ("note", 0, [], [])
    assert note["reason"]["summary"] == recorded.purchase["explanation"]["summary"]
    assert {"kind": "MISS", "text": "Fuel does not earn points."}.items() <= note["reason"]["parts"][0].items()
    assert (await shop.purchases.record(sale)).duplicate
    assert len(await shop.ledger.entries(member["_id"])) == 1


async def test_products_are_named_by_id_sku_or_barcode(shop: Shop) -> None:
    lines = (
        line(MILK, "1.00"),
        LineInput(1, Decimal("2.00"), "USD", sku="1002"),
        LineInput(1, Decimal("3.00"), "USD", barcode="2000000010014", name="Milk, on offer"),
    )
    for _ in range(2):
        purchase = (await shop.buy(*lines)).purchase
        assert [row["product"] for row in purchase["lines"]] == [MILK, APPLES, MILK]
        assert [row["name"] for row in purchase["lines"]] == ["Whole milk", "Apples", "Milk, on offer"]


async def test_the_tier_at_the_time_of_the_sale_multiplies(shop: Shop) -> None:
    member = await shop.member()
    await shop.buy(line(MILK, "1500.00"), member=member)
    recorded = await shop.buy(line(MILK, "40.00"), member=member)
    assert recorded.purchase["earned"] == 50
    assert "10 because you are Gold" in recorded.purchase["explanation"]["summary"]
    assert recorded.purchase["context"]["tier_multiplier"] == "1.25"


async def test_a_late_sale_posts_at_its_own_time_under_its_own_rules(shop: Shop) -> None:
    member = await shop.member()
    rules = await shop.earning.at(shop.clock.now())
    shop.clock.advance(timedelta(days=30))
    doubled = replace(rules, base=replace(rules.base, points_per_unit=Decimal(2)), effective_from=shop.clock.now())
    await shop.earning.publish(doubled, "agent:idn_1")
    late = await shop.buy(line(MILK, "10.00"), member=member, occurred_at=shop.clock.now() - timedelta(days=30))
    now = await shop.buy(
        line(MILK, "10.00"), member=member, business_date=shop.clock.now().date(), occurred_at=shop.clock.now()
    )
    assert (late.purchase["earned"], late.purchase["rules"]) == (10, 1)
    assert (now.purchase["earned"], now.purchase["rules"]) == (20, 2)
    assert (await shop.balance(member)).qualifying == {"2026-03": 10, "2026-04": 20}
    assert [entry["occurred_at"] for entry in await shop.ledger.entries(member["_id"])] == [
        now.purchase["occurred_at"],
        late.purchase["occurred_at"],
    ]


async def test_a_preview_writes_nothing_and_agrees_with_the_sale(shop: Shop) -> None:
    member = await shop.member()
    lines = (line(MILK, "33.10"), line(BREAD, "8.90", 2), line(FUEL, "10.00"))
    earned = await shop.preview(*lines, member=member)
    assert await shop.database["purchases"].count_documents({}) == 0
    assert (await shop.buy(*lines, member=member)).purchase["earned"] == earned


async def test_a_member_sees_the_latest_sales_first_page_by_page(shop: Shop) -> None:
    member = await shop.member()
    bought = []
    for _ in range(5):
        shop.clock.advance(timedelta(minutes=1))
        bought.append((await shop.buy(member=member)).purchase["_id"])
    first = await shop.purchases.of_member([member["_id"]], 2)
    rest = await shop.purchases.of_member([member["_id"]], 10, (first[-1]["occurred_at"], first[-1]["_id"]))
    assert ids(first) + ids(rest) == bought[::-1]
    assert ids(await shop.purchases.recent(TILL, 2)) == bought[::-1][:2]
    assert [(day.day, day.purchases, day.earned) for day in await shop.purchases.by_day(shop.clock.now().date())] == [
        ("2026-03-14", 5, 50)
    ]
    assert set(await shop.purchases.by_ids(bought)) == set(bought)


async def test_a_daily_cap_holds_against_sales_at_the_same_moment(shop: Shop) -> None:
    member = await shop.member()
    rules = await shop.earning.at(shop.clock.now())
    await shop.earning.publish(replace(rules, caps=replace(rules.caps, per_day=25)), "agent:idn_1")
    other = shop.again()
    recorded = await asyncio.gather(
        *(
            place.buy(line(MILK, "10.00"), member=member, receipt_number=f"{n}-{name}", idempotency_key=f"{n}-{name}")
            for n in range(3)
            for name, place in (("a", shop), ("b", other))
        )
    )
    assert sorted(each.purchase["earned"] for each in recorded) == [0, 0, 0, 5, 10, 10]
    assert (await shop.balance(member)).active == 25
    await other.purchases.stop()


async def test_a_replay_is_answered_even_when_it_would_be_refused_today(shop: Shop) -> None:
    member = await shop.member()
    sale = shop.sale(member=member)
    first = await shop.purchases.record(sale)
    shop.clock.advance(timedelta(days=500))
    again = await shop.purchases.record(sale)
    assert again.duplicate
    assert again.purchase["_id"] == first.purchase["_id"]


async def test_sliding_points_last_longer_with_every_sale(database: Database, clock: MovableClock) -> None:
    sliding: Programme = {
        **HARVEST,
        "earning": {"pending_days": 0, "expiry": {"model": "sliding", "months": 6, "round": "month"}},
    }
    async with open_shop(database, clock, programme=sliding) as shop:
        member = await shop.member()
        await shop.buy(line(MILK, "10.00"), member=member)
        await shop.buy(line(MILK, "10.00"), member=member)
        assert len(await shop.ledger.entries(member["_id"])) == 2, "nothing to extend within the month"
        clock.advance(timedelta(days=60))
        sale = shop.sale(line(FUEL, "10.00"), member=member, business_date=clock.now().date())
        await shop.purchases.record(sale)
        await shop.purchases.record(sale)
        lots = (await shop.balance(member)).lots
        assert {lot.expires_at for lot in lots} == {datetime(2026, 12, 1, 5, 0, tzinfo=UTC)}
        entries = await shop.ledger.entries(member["_id"])
        assert [entry["kind"] for entry in entries] == ["extend", "note", "earn", "earn"]


async def test_points_wait_where_the_programme_says_so(database: Database, clock: MovableClock) -> None:
    waiting: Programme = {
        **HARVEST,
        "earning": {"pending_days": 14, "expiry": {"model": "rolling", "months": 12, "round": "month"}},
    }
    async with open_shop(database, clock, programme=waiting) as shop:
        member = await shop.member()
        recorded = await shop.buy(line(MILK, "10.00"), member=member)
        assert (recorded.receipt.points_earned, recorded.receipt.points_after) == (10, 0)
        assert recorded.receipt.lines[-1] == "10 points will be usable once the waiting time is over."
        assert (await shop.balance(member)).pending == 10
        await shop.bring_back(recorded.purchase)
        assert (await shop.balance(member)).pending == 0
        await shop.buy(line(MILK, "10.00"), member=member)
        clock.advance(timedelta(days=15))
        assert (await shop.balance(member)).active == 10
