"""A process killed at any step of a redemption: others finish it or undo it, and nothing is lost or doubled."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from app.core.errors import DomainError
from tests.purchases.killing import Killed, doomed
from tests.purchases.shop import TILL, Shop


async def recover(shop: Shop) -> None:
    shop.clock.advance(timedelta(seconds=31))
    await shop.rewards.sweep()
    assert await shop.rewards.sweep() == 0, "one sweep finishes everything"


async def check_books(shop: Shop, member_id: str, reward: str, *, points: int, units: int) -> None:
    """What was reserved and spent, of points and of units, is what the redemptions say."""
    redemptions = await shop.rewards.of_member([member_id], 100)
    assert all(redemption["step"] is None for redemption in redemptions)
    held = sum(redemption["status"] == "RESERVED" for redemption in redemptions)
    spent = sum(redemption["status"] == "CONFIRMED" for redemption in redemptions)
    member, stock = await shop.ledger.balance(member_id), await shop.ledger.balance(reward)
    assert (member.reserved, member.active) == (100 * held, points - 100 * (held + spent))
    assert (stock.reserved, stock.active) == (held, units - held - spent)


async def test_killed_while_reserving(shop: Shop) -> None:
    for steps in count():
        member = await shop.member()
        await shop.give(member["_id"], 300)
        reward = await shop.offer(stock=3, per_member=1)
        survived = False
        async with doomed(shop, steps) as process:
            try:
                await process.rewards.reserve(member["_id"], reward, "key")
                survived = True
            except Killed:
                pass
        await recover(shop)
        await check_books(shop, member["_id"], reward, points=300, units=3)
        redemption = await shop.rewards.reserve(member["_id"], reward, "key")
        assert redemption["status"] == "RESERVED"
        await check_books(shop, member["_id"], reward, points=300, units=3)
        with pytest.raises(DomainError) as refused:
            await shop.reserve(member, reward)
        assert refused.value.code == "MEMBER_LIMIT_REACHED"
        if survived:
            break
    assert steps >= 4, "the saga has at least four writes"


async def test_killed_while_reserving_and_retried_before_any_sweep(shop: Shop) -> None:
    for steps in range(5):
        member = await shop.member()
        await shop.give(member["_id"], 300)
        reward = await shop.offer(stock=3, per_member=1)
        async with doomed(shop, steps) as process:
            with suppress(Killed):
                await process.rewards.reserve(member["_id"], reward, "key")
        assert (await shop.rewards.reserve(member["_id"], reward, "key"))["status"] == "RESERVED"
        await check_books(shop, member["_id"], reward, points=300, units=3)


@pytest.mark.parametrize("kind", ["FIXED_DISCOUNT", "VOUCHER_CODE"])
async def test_killed_while_handing_over(shop: Shop, kind: str) -> None:
    for steps in count():
        member = await shop.member()
        await shop.give(member["_id"], 300)
        reward = await shop.offer(kind=kind, **({"stock": 3} if kind == "FIXED_DISCOUNT" else {}))
        if kind == "VOUCHER_CODE":
            await shop.rewards.add_codes(reward, ["a", "b", "c"])
        redemption = await shop.reserve(member, reward)
        survived = False
        async with doomed(shop, steps) as process:
            try:
                await process.rewards.confirm(redemption["_id"], till=TILL, actor="till:x", idempotency_key=f"k{steps}")
                survived = True
            except Killed:
                pass
        await recover(shop)
        await check_books(shop, member["_id"], reward, points=300, units=3)
        handed = await shop.rewards.confirm(redemption["_id"], till=TILL, actor="till:x", idempotency_key=f"k{steps}")
        assert handed["status"] == "CONFIRMED"
        assert (handed["voucher_code"] is not None) == (kind == "VOUCHER_CODE")
        await check_books(shop, member["_id"], reward, points=300, units=3)
        used = await shop.database["vouchers"].count_documents({"reward": reward, "redemption": {"$exists": True}})
        assert used == (kind == "VOUCHER_CODE")
        if survived:
            break
    assert steps >= 4


async def test_killed_while_cancelling_or_running_out(shop: Shop) -> None:
    for expiring in (False, True):
        for steps in count():
            member = await shop.member()
            await shop.give(member["_id"], 300)
            reward = await shop.offer(stock=3, per_member=1)
            redemption = await shop.reserve(member, reward)
            survived = False
            if expiring:
                shop.clock.advance(timedelta(days=1))
            async with doomed(shop, steps) as process:
                try:
                    if expiring:
                        await process.rewards.sweep()
                    else:
                        await process.rewards.cancel(redemption["_id"], actor="member:x")
                    survived = True
                except Killed:
                    pass
            await recover(shop)
            await check_books(shop, member["_id"], reward, points=300, units=3)
            if not expiring:
                await shop.rewards.cancel(redemption["_id"], actor="member:x")
            assert (await shop.balance(member)).active == 300
            assert (await shop.reserve(member, reward))["status"] == "RESERVED", "the member's slot is free again"
            if survived:
                break
        assert steps >= 3


async def test_killed_for_longer_than_the_reservation(shop: Shop) -> None:
    """What was handed over in time is paid for, even when it is noted only after the hold had lapsed."""
    member = await shop.member()
    await shop.give(member["_id"], 100)
    reward = await shop.offer(stock=1)
    redemption = await shop.reserve(member, reward)
    async with doomed(shop, 1) as process:
        with pytest.raises(Killed):
            await process.rewards.confirm(redemption["_id"], till=TILL, actor="till:x", idempotency_key="k")
    shop.clock.advance(timedelta(days=5))
    await shop.give(member["_id"], 1)
    await shop.rewards.sweep()
    await check_books(shop, member["_id"], reward, points=101, units=1)
    assert (await shop.balance(member)).active == 1
