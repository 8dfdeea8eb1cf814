"""Sales end the same in whatever order they arrive, the tier's multiplier included."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest

from app.members.models import Member
from app.programme.defaults import HARVEST
from app.purchases import receipts
from app.purchases.models import PastSale, Purchase, RecordPurchase, ReturnLineInput
from app.purchases.repository import PurchaseRepository
from tests.purchases.killing import Killed, doomed
from tests.purchases.shop import BREAD, MILK, PRODUCTS, Shop, line


def sold_at(shop: Shop, member: Member, moment: datetime, *lines: Any, **changes: Any) -> RecordPurchase:
    return shop.sale(*lines, member=member, occurred_at=moment, business_date=moment.date(), **changes)


async def figures(shop: Shop, member: Member) -> dict[str, Any]:
    balance = await shop.balance(member)
    lots: Counter[datetime | None] = Counter()
    for lot in balance.lots:
        lots[lot.expires_at] += lot.remaining
    standing = await shop.tiers.standing(balance, shop.clock.now())
    return {
        "active": balance.active,
        "lifetime": balance.lifetime,
        "deficit": balance.deficit,
        "qualifying": dict(balance.qualifying),
        "lots": lots,
        "tier": standing.tier["id"],
    }


async def of_all(shop: Shop, member: Member) -> dict[str, tuple[int, str, list[int]]]:
    """What each sale earned and in which tier, by when it happened."""
    found: list[Purchase] = await shop.purchases.of_member([member["_id"]], first=100)
    assert not any(purchase.get("posting") for purchase in found)
    return {
        purchase["occurred_at"].isoformat(): (
            purchase["earned"],
            purchase["context"]["tier_id"] or "",
            [row["earned"] for row in purchase["lines"]],
        )
        for purchase in found
    }


async def settled(shop: Shop) -> None:
    shop.clock.advance(timedelta(seconds=31))
    for job in shop.purchases.jobs():
        await job.run()
    await shop.purchases.stop()


def a_year(random: Random, start: datetime) -> list[tuple[datetime, list[Any]]]:
    """Sales over ten months, some in one month, that climb the ladder."""
    moments = sorted(random.sample(range(1, 300 * 24), 8))
    return [
        (
            start + timedelta(hours=hours),
            [
                line(random.choice(PRODUCTS).id, f"{random.randint(50, 60_000) / 100:.2f}", random.randint(1, 3))
                for _ in range(random.randint(1, 2))
            ],
        )
        for hours in moments
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_ends_as_in_order(shop: Shop, seed: int) -> None:
    random = Random(seed)
    ordered, shuffled, at_once = [await shop.member() for _ in range(3)]
    sales = a_year(random, shop.clock.now())
    shop.clock.advance(timedelta(days=310))
    for moment, lines in sales:
        await shop.purchases.record(sold_at(shop, ordered, moment, *lines))
    mixed = random.sample(sales, len(sales))
    for moment, lines in mixed:
        sale = sold_at(shop, shuffled, moment, *lines)
        await shop.purchases.record(sale)
        if random.random() < 0.3:
            assert (await shop.purchases.record(sale)).duplicate
    await asyncio.gather(*(shop.purchases.record(sold_at(shop, at_once, at, *lines)) for at, lines in mixed))
    await settled(shop)
    expected = await figures(shop, ordered)
    assert await figures(shop, shuffled) == expected
    assert await figures(shop, at_once) == expected
    assert await of_all(shop, shuffled) == await of_all(shop, at_once) == await of_all(shop, ordered)
    kinds = [entry["operation"].partition(":")[0] for entry in await shop.ledger.entries(ordered["_id"], first=100)]
    assert "late" not in kinds, "in order there is nothing to count late"


async def three(shop: Shop, member: Member) -> tuple[RecordPurchase, RecordPurchase]:
    """A sale that makes silver, and one after it on which silver pays a tenth more."""
    start = shop.clock.now()
    early = sold_at(shop, member, start + timedelta(days=1), line(MILK, "500.00"))
    later = sold_at(shop, member, start + timedelta(days=2), line(MILK, "100.00"), line(BREAD, "50.00"))
    shop.clock.advance(timedelta(days=3))
    return early, later


async def test_what_a_late_sale_brings_to_others_is_its_own_entry(shop: Shop) -> None:
    member = await shop.member()
    early, later = await three(shop, member)
    first = (await shop.purchases.record(later)).purchase
    late = (await shop.purchases.record(early)).purchase
    await settled(shop)
    assert late["context"]["tier_id"] == "bronze", "a late sale is judged by what was before it"
    stored = await shop.purchases.by_id(first["_id"])
    assert stored is not None
    assert stored["context"]["tier_id"] == "silver"
    more = stored["earned"] - first["earned"]
    assert more == 15
    entry = await shop.ledger.entry(member["_id"], f"late:{first['_id']}:1")
    assert entry is not None
    assert (entry["kind"], entry["points"], entry["actor"]) == ("earn", more, "system:late")
    assert entry["reason"]["title"] == "Late sale counted"
    assert entry["reason"].get("summary") == (
        "A sale of 15 March 2026 arrived late; with it you were Silver already, which is 15 points more."
    )
    assert entry["reason"].get("reference") == {"purchase": first["_id"], "late": late["_id"]}
    assert sum(row["earned"] for row in stored["lines"]) == stored["earned"]
    assert (await shop.purchases.record(early)).duplicate
    assert (await shop.purchases.record(later)).duplicate
    await settled(shop)
    assert len(await shop.ledger.entries(member["_id"])) == 3


def test_the_receipt_says_what_a_late_sale_changed_for_what_came_after() -> None:
    purchase: Any = {"redemptions": [], "explanation": {"summary": "60 points for this purchase"}, "earned": 60}
    changed = {"postings": [["active", 40], ["expired", -40]], "lifetime": 0, "pieces": [], "lapsed": []}
    entry: Any = {"points": 100, "balance": 160, "corrections": changed}
    assert receipts.of_sale(HARVEST, purchase, entry, None).lines[1:] == (
        "Points before: 60",
        "Earned: 60",
        "Points now: 160",
        "+40 because it arrived late: what came after it was counted again.",
    )


async def test_a_return_takes_back_what_was_counted_late_too(shop: Shop) -> None:
    member = await shop.member()
    early, later = await three(shop, member)
    first = (await shop.purchases.record(later)).purchase
    half = (await shop.bring_back(first, ReturnLineInput(first["lines"][1]["id"]))).purchase
    late = (await shop.purchases.record(early)).purchase
    whole = await shop.bring_back(half)
    assert whole.purchase["returns"][-1]["reversed_total"] == whole.purchase["earned"]
    assert (await shop.balance(member)).active == late["earned"]
    assert sum((await shop.balance(member)).qualifying.values()) == late["qualifying"]


async def test_a_return_does_not_take_the_multiplier_of_other_sales_back(shop: Shop) -> None:
    member = await shop.member()
    early, later = await three(shop, member)
    made_silver = (await shop.purchases.record(early)).purchase
    silver = (await shop.purchases.record(later)).purchase
    assert silver["context"]["tier_id"] == "silver"
    await shop.bring_back(made_silver)
    await settled(shop)
    stored = await shop.purchases.by_id(silver["_id"])
    assert stored is not None
    assert stored["earned"] == silver["earned"] == (await shop.balance(member)).active


async def test_a_sale_raised_by_two_late_sales_at_once_is_paid_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, in_order = await shop.member(), await shop.member()
    start = shop.clock.now()
    days = [sold_at(shop, member, start + timedelta(days=day), line(MILK, "1000.00")) for day in (1, 2, 3)]
    last = sold_at(shop, member, start + timedelta(days=4), line(MILK, "1000.00"))
    shop.clock.advance(timedelta(days=5))
    raised = (await shop.purchases.record(last)).purchase
    read, overtaking = PurchaseRepository.history, [days[1]]

    async def overtaken(repository: PurchaseRepository, *asked: Any) -> list[PastSale]:
        seen = await read(repository, *asked)
        if len(seen) == 2 and overtaking:
            await shop.purchases.record(overtaking.pop())
        return seen

    monkeypatch.setattr(PurchaseRepository, "history", overtaken)
    await shop.purchases.record(days[0])
    await shop.purchases.record(days[2])
    await settled(shop)
    for sale in (*days, last):
        again = replace(sale, member_id=in_order["_id"], receipt_number=f"{sale.receipt_number}-again",
                        idempotency_key=f"{sale.idempotency_key}-again")  # fmt: skip
        await shop.purchases.record(again)
    assert await figures(shop, member) == await figures(shop, in_order)
    stored = await shop.purchases.by_id(raised["_id"])
    assert stored is not None
    assert sum(late["points"] for late in stored["late"]) == stored["earned"] - raised["earned"]


@pytest.mark.parametrize("how", ["retried", "swept"])
async def test_killed_while_counting_late(shop: Shop, how: str) -> None:
    for steps in count():
        member = await shop.member()
        early, later = await three(shop, member)
        last = replace(later, occurred_at=later.occurred_at + timedelta(hours=1), receipt_number=f"L-{steps}",
                       idempotency_key=f"l-{steps}")  # fmt: skip
        for sale in (later, last):
            await shop.purchases.record(sale)
        survived = False
        async with doomed(shop, steps) as process:
            with suppress(Killed):
                await process.purchases.record(early)
                survived = True
        if how == "swept":
            await settled(shop)
        await shop.purchases.record(early)
        await settled(shop)
        assert await shop.database["purchases"].count_documents({"posting": True}) == 0
        assert (await shop.balance(member)).active == 525 + 2 * (200 + 15)
        operations = [entry["operation"] for entry in await shop.ledger.entries(member["_id"])]
        assert len(operations) == 5, operations
        if survived:
            break
    assert steps >= 5
