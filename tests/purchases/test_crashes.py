"""A process killed at any step of a sale or a return: the same request or the sweeper finishes it, once."""

from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from app.core.errors import DomainError
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import Command, EntryDocument
from app.purchases.errors import Busy, NotEnoughPoints
from app.purchases.models import RecordPurchase, RecordReturn, ReturnLineInput
from tests.purchases.killing import Killed, doomed
from tests.purchases.shop import MILK, TILL, Shop, line


async def sweep(shop: Shop) -> None:
    shop.clock.advance(timedelta(seconds=31))
    for job in [*shop.purchases.jobs(), *shop.rewards.jobs()]:
        await job.run()
    await shop.purchases.stop()
    assert await shop.database["purchases"].count_documents({"posting": True}) == 0


@pytest.mark.parametrize("how", ["retried", "swept"])
async def test_killed_while_recording(shop: Shop, how: str) -> None:
    for steps in count():
        member = await shop.member()
        await shop.give(member["_id"], 300)
        reward = await shop.offer(stock=3)
        redemption = await shop.reserve(member, reward)
        sale = shop.sale(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],), pay_with_points=200)
        survived = False
        async with doomed(shop, steps) as process:
            with suppress(Killed):
                await process.purchases.record(sale)
                survived = True
        if how == "swept":
            await sweep(shop)
        stored = await shop.purchases.by_id((await shop.purchases.record(sale)).purchase["_id"])
        assert stored is not None
        await sweep(shop)
        balance = await shop.balance(member)
        assert (balance.active, balance.reserved) == (50, 0)
        handed = await shop.rewards.redemption(redemption["_id"])
        assert handed is not None
        assert (handed["status"], handed["step"], handed["purchase"]) == ("CONFIRMED", None, stored["_id"])
        assert (await shop.ledger.balance(reward)).active == 2
        if survived:
            break
    assert steps >= 7


async def test_a_sale_that_never_came_about_gives_its_reward_back(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 100)
    redemption = await shop.reserve(member, await shop.offer(stock=3))
    sale = shop.sale(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],))
    async with doomed(shop, 1) as process:
        with pytest.raises(Killed):
            await process.purchases.record(sale)
    assert await shop.database["purchases"].count_documents({}) == 0
    claimed = await shop.rewards.redemption(redemption["_id"])
    assert claimed is not None
    assert claimed["step"] == "confirming"
    await sweep(shop)
    free = await shop.rewards.redemption(redemption["_id"])
    assert free is not None
    assert (free["status"], free["step"], free["purchase"]) == ("RESERVED", None, None)


@pytest.mark.parametrize("how", ["retried", "swept"])
async def test_killed_while_returning(shop: Shop, how: str) -> None:
    for steps in count():
        member = await shop.member()
        await shop.give(member["_id"], 300)
        redemption = await shop.reserve(member, await shop.offer(stock=3))
        purchase = (
            await shop.buy(
                line(MILK, "57.00", 2), member=member, redemption_ids=(redemption["_id"],), pay_with_points=200
            )
        ).purchase
        returns: list[dict[str, Any]] = [
            {"lines": (ReturnLineInput(purchase["lines"][0]["id"], quantity=1),)},
            {"lines": ()},
        ]
        survived = 0
        for number, changes in enumerate(returns):
            command = RecordReturn(
                purchase["_id"],
                f"B-{steps}-{number}",
                shop.clock.now(),
                TILL,
                f"till:{TILL}",
                f"key-{steps}-{number}",
                **changes,
            )
            async with doomed(shop, steps) as process:
                with suppress(Killed):
                    await process.purchases.return_(command)
                    survived += 1
            if how == "swept":
                await sweep(shop)
            await shop.purchases.return_(command)
        await sweep(shop)
        balance = await shop.balance(member)
        assert (balance.active, balance.deficit, balance.lifetime) == (300, 0, 300)
        stored = await shop.purchases.by_id(purchase["_id"])
        assert stored is not None
        assert [each["reversed"] for each in stored["returns"]] == [25, 25]
        assert not any(each.get("posting") for each in stored["returns"])
        restored = await shop.rewards.redemption(redemption["_id"])
        assert restored is not None
        assert restored["status"] == "REVERSED"
        if survived == len(returns):
            break
    assert steps >= 4


@pytest.mark.parametrize("how", ["retried", "swept"])
async def test_killed_while_withdrawing_what_cannot_be_paid(shop: Shop, how: str) -> None:
    for steps in count():
        member = await shop.member()
        await shop.give(member["_id"], 300)
        redemption = await shop.reserve(member, await shop.offer(stock=3))
        sale = shop.sale(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],), pay_with_points=200)
        async with doomed(shop, 2) as process:
            with pytest.raises(Killed):
                await process.purchases.record(sale)
        assert await shop.database["purchases"].count_documents({"posting": True}) == 1
        await shop.buy(line(MILK, "4.00"), member=member, pay_with_points=150)
        survived = False
        async with doomed(shop, steps) as process:
            with suppress(Killed):
                await refused(process, sale)
                survived = True
        if how == "swept":
            await sweep(shop)
        await refused(shop, sale)
        await sweep(shop)
        assert await shop.purchases.by_receipt(sale.receipt_number) == []
        free = await shop.rewards.redemption(redemption["_id"])
        assert free is not None
        assert (free["status"], free["step"], free["purchase"]) == ("RESERVED", None, None)
        balance = await shop.balance(member)
        assert (balance.active, balance.reserved) == (52, 100)
        if survived:
            break
    assert steps >= 3


async def refused(shop: Shop, sale: RecordPurchase) -> None:
    with pytest.raises(NotEnoughPoints):
        await shop.purchases.record(sale)


async def test_a_busy_ledger_is_told_and_the_same_request_finishes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 100)
    redemption = await shop.reserve(member, await shop.offer())
    with_reward = shop.sale(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],))
    plain = shop.sale(line(MILK, "10.00"), member=member)

    async def away(_command: Command) -> EntryDocument:
        raise LedgerUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(shop.ledger, "post", away)
        for sale in (with_reward, plain):
            with pytest.raises(Busy):
                await shop.purchases.record(sale)
        for attempt in (
            shop.reserve(member, await shop.offer(price=1), "later"),
            shop.rewards.confirm(redemption["_id"], till=TILL, actor="till:x", idempotency_key="other"),
        ):
            with pytest.raises(DomainError) as refused:
                await attempt
            assert refused.value.code in ("BUSY", "NOT_ENOUGH_POINTS", "ENDED")
    assert [(await shop.purchases.record(sale)).duplicate for sale in (with_reward, plain)] == [True, True]
    assert (await shop.balance(member)).active == 62
