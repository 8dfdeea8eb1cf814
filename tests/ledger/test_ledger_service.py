import asyncio

import pytest

from app.core.clock import MovableClock
from app.ledger import errors
from app.ledger.models import Activate, Adjust, CancelPending, Capture, Earn, Expire, Hold, Redeem, Release, Reverse
from app.ledger.service import Ledger
from tests.ledger.commands import DAY, START, make


async def test_points_are_earned_held_spent_and_given_back(ledger: Ledger) -> None:
    entry = await ledger.post(make(Earn, "e1", points=100, qualifying=80, month="2026-03", expires_at=START + 10 * DAY))
    assert (entry["seq"], entry["balance"], entry["points"]) == (1, 100, 100)
    await ledger.post(make(Hold, "h1", points=30, until=START + DAY))
    balance = await ledger.balance("mbr_ada")
    assert (balance.active, balance.reserved, balance.qualifying) == (70, 30, {"2026-03": 80})
    await ledger.post(make(Capture, "c1", hold="h1", points=20))
    balance = await ledger.balance("mbr_ada")
    assert (balance.active, balance.reserved) == (80, 0)
    await ledger.post(make(Redeem, "r1", points=50))
    await ledger.post(make(Reverse, "v1", of="r1"))
    balance = await ledger.balance("mbr_ada")
    assert balance.active == 80
    assert balance.lots[0].expires_at == START + 10 * DAY
    await ledger.post(make(Hold, "h2", points=10))
    await ledger.post(make(Release, "l2", hold="h2"))
    await ledger.post(make(Adjust, "a1", points=-5))
    assert (await ledger.balance("mbr_ada")).active == 75
    newest = await ledger.entries("mbr_ada", first=2)
    assert [each["operation"] for each in newest] == ["a1", "l2"]


async def test_time_shows_before_any_job_ran(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100, active_at=START + DAY, expires_at=START + 3 * DAY))
    assert (await ledger.balance("mbr_ada")).pending == 100
    clock.move_to(START + DAY)
    assert (await ledger.balance("mbr_ada")).active == 100
    clock.move_to(START + 3 * DAY)
    assert (await ledger.balance("mbr_ada")).active == 0
    entry = await ledger.post(make(Earn, "e2", points=7, at=clock.now()))
    assert entry["seq"] == 4, "activation and expiry were posted first"
    with pytest.raises(errors.NotPending):
        await ledger.post(make(Activate, "x", of="e1", at=clock.now()))


async def test_pending_points_are_cancelled_once(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "e1", points=100, awaits="delivery"))
    await ledger.post(make(CancelPending, "c1", of="e1"))
    with pytest.raises(errors.NotPending):
        await ledger.post(make(CancelPending, "c2", of="e1"))
    with pytest.raises(errors.AlreadyReversed):
        await ledger.post(make(Reverse, "v", of="e1"))
    assert (await ledger.balance("mbr_ada")).lifetime == 0


async def test_a_replay_answers_what_was_stored(ledger: Ledger) -> None:
    first, *others = await asyncio.gather(*(ledger.post(make(Earn, "e1", points=100)) for _ in range(100)))
    assert all(other == first for other in others)
    assert (await ledger.balance("mbr_ada")).active == 100
    with pytest.raises(errors.IdempotencyConflict):
        await ledger.post(make(Earn, "e1", points=101))


async def test_an_unexpired_lot_does_not_expire(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + DAY))
    with pytest.raises(errors.NotDue):
        await ledger.post(make(Expire, "x", lot="e1"))


async def test_many_on_one_account_never_overdraw(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "e1", points=60))
    outcomes = await asyncio.gather(
        *(ledger.post(make(Redeem, f"r{number}", points=1)) for number in range(500)), return_exceptions=True
    )
    granted = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len(granted) == 60
    assert all(isinstance(each, errors.InsufficientPoints) for each in outcomes if isinstance(each, BaseException))
    assert (await ledger.balance("mbr_ada")).active == 0


async def test_entries_are_listed_by_when_they_happened(ledger: Ledger, clock: MovableClock) -> None:
    happened = [START + DAY * day for day in (3, 1, 2, 2, 9, 0, 8, 4)]
    for number, at in enumerate(happened):
        clock.move_to(max(clock.now(), at + DAY * 2))
        await ledger.post(make(Adjust, f"a{number}", points=1, at=at))
    wanted = [f"a{number}" for number in (4, 6, 7, 0, 3, 2, 1, 5)]
    assert [entry["operation"] for entry in await ledger.chronicle("mbr_ada")] == wanted
    for size in (1, 3):
        read: list[str] = []
        place = None
        while page := await ledger.chronicle("mbr_ada", after=place, first=size):
            read += [entry["operation"] for entry in page]
            place = (page[-1]["occurred_at"], page[-1]["_id"])
        assert read == wanted
