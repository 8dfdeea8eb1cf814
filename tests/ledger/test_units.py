"""Invariant I9: units taken from a reward are member debits for it, or open reservations."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.ledger.models import Capture, Command, Earn, Hold, Reason, Release, Reverse
from app.ledger.service import Ledger
from app.ledger.verify import verify
from tests.ledger.commands import DAY, make

_WHY = Reason(title="Mug", reference={"redemption": "rdm_1", "reward": "rwd_mug", "stock": "rwd_mug"})


@pytest.fixture
async def shop(ledger: Ledger, clock: MovableClock) -> Ledger:
    """A member with points, and three mugs."""
    await ledger.post(make(Earn, "e", at=clock.now(), points=500))
    await ledger.stock_put("rwd_mug", "three", 3)
    return ledger


async def _post(ledger: Ledger, clock: MovableClock, kind: type[Command], operation: str, **fields: Any) -> None:
    await ledger.post(make(kind, operation, at=clock.now(), reason=_WHY, **fields))


async def _reserve(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.stock_reserve("rwd_mug", "reserve:rdm_1")
    await _post(ledger, clock, Hold, "reserve:rdm_1", points=100)


async def _problem(ledger: Ledger, clock: MovableClock) -> str:
    clock.advance(timedelta(hours=2))
    _, problem = await verify(ledger.repository, now=clock.now())
    return "" if problem is None else problem.what


async def test_a_redemption_adds_up_at_each_of_its_steps(shop: Ledger, clock: MovableClock) -> None:
    await _reserve(shop, clock)
    assert await _problem(shop, clock) == ""
    await _post(shop, clock, Capture, "confirm:rdm_1", hold="reserve:rdm_1")
    assert await _problem(shop, clock) == "", "paid for, and the unit is still set aside"
    await shop.stock_confirm("rwd_mug", "reserve:rdm_1")
    assert await _problem(shop, clock) == ""
    await _post(shop, clock, Reverse, "reverse:rdm_1", of="confirm:rdm_1")
    await shop.stock_put("rwd_mug", "reverse:rdm_1", 1)
    assert await _problem(shop, clock) == ""


async def test_a_reservation_that_was_called_off_adds_up(shop: Ledger, clock: MovableClock) -> None:
    await _reserve(shop, clock)
    await _post(shop, clock, Release, "release:rdm_1", hold="reserve:rdm_1")
    await shop.stock_release("rwd_mug", "reserve:rdm_1")
    assert await _problem(shop, clock) == ""


async def test_a_unit_that_nobody_paid_for_is_named(shop: Ledger, clock: MovableClock) -> None:
    await _reserve(shop, clock)
    await shop.stock_confirm("rwd_mug", "reserve:rdm_1")
    _, problem = await verify(shop.repository, now=clock.now())
    assert problem is None, "it may be under way"
    assert await _problem(shop, clock) == "rdm_1 took 1 units of rwd_mug and was paid 0 times"


async def test_a_debit_without_a_unit_is_named(shop: Ledger, clock: MovableClock) -> None:
    await _reserve(shop, clock)
    await shop.stock_release("rwd_mug", "reserve:rdm_1")
    await _post(shop, clock, Capture, "confirm:rdm_1", hold="reserve:rdm_1")
    assert "took 0 units of rwd_mug and was paid 1 times" in await _problem(shop, clock)


async def test_a_debit_for_a_reward_that_has_no_such_reservation_is_named(shop: Ledger, clock: MovableClock) -> None:
    await _post(shop, clock, Hold, "reserve:rdm_1", points=100, until=clock.now() + DAY)
    await _post(shop, clock, Capture, "confirm:rdm_1", hold="reserve:rdm_1")
    assert "paid 1 times" in await _problem(shop, clock)
