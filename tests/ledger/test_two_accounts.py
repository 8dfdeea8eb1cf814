import asyncio

import pytest

from app.core.clock import MovableClock
from app.ledger import errors
from app.ledger.models import Earn, Hold, Reason, Redeem, Reverse
from app.ledger.service import Ledger
from app.ledger.stock import OutOfStock
from tests.ledger.commands import DAY, START, make

WHY = Reason(title="Asked for")


async def test_a_transfer_keeps_expiry_and_happens_once(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + DAY))
    for _ in range(2):
        out, into = await ledger.transfer("mbr_ada", "mbr_bob", 60, "gift:1", "member:mbr_ada", WHY)
        assert (out["points"], into["points"]) == (-60, 60)
    bob = await ledger.balance("mbr_bob")
    assert bob.active == 60
    assert bob.lots[0].expires_at == START + DAY
    with pytest.raises(errors.InsufficientPoints):
        await ledger.transfer("mbr_ada", "mbr_bob", 60, "gift:2", "member:mbr_ada", WHY)
    with pytest.raises(errors.SameAccount):
        await ledger.transfer("mbr_ada", "mbr_ada", 1, "gift:3", "member:mbr_ada", WHY)


async def test_a_merge_moves_everything_and_old_purchases_can_still_be_returned(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "p1", points=100, qualifying=100, month="2026-03"))
    await ledger.post(make(Earn, "p2", points=50, awaits="delivery"))
    await ledger.post(make(Hold, "h1", points=30))
    await ledger.post(make(Earn, "q1", account="mbr_bob", points=7))
    await ledger.merge("mbr_bob", "mbr_ada", "merge:1", "agent:idn_1", WHY)
    bob, ada = await ledger.balance("mbr_bob"), await ledger.balance("mbr_ada")
    assert (bob.active, bob.pending, bob.reserved, bob.lifetime) == (77, 50, 30, 157)
    assert bob.qualifying == {"2026-03": 100}
    assert (ada.active, ada.pending, ada.reserved, ada.lifetime, ada.qualifying) == (0, 0, 0, 0, {})
    await ledger.post(make(Reverse, "v1", account="mbr_bob", of="p1", points=40))
    assert (await ledger.balance("mbr_bob")).active == 37
    with pytest.raises(errors.UnknownOperation):
        await ledger.post(make(Reverse, "v2", account="mbr_bob", of="p9"))


async def test_an_unmerge_settles_what_was_spent_by_where_it_came_from(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "p1", points=100, expires_at=START + DAY, qualifying=10, month="2026-03"))
    await ledger.post(make(Earn, "q1", account="mbr_bob", points=50))
    await ledger.merge("mbr_bob", "mbr_ada", "merge:1", "agent:idn_1", WHY)
    await ledger.post(make(Redeem, "r1", account="mbr_bob", points=30))
    await ledger.unmerge("mbr_bob", "mbr_ada", "unmerge:1", "merge:1", "agent:idn_1", WHY)
    bob, ada = await ledger.balance("mbr_bob"), await ledger.balance("mbr_ada")
    assert (bob.active, ada.active) == (50, 70), "the soonest-expiring lot was Ada's, and paid"
    assert (bob.qualifying, ada.qualifying) == ({}, {"2026-03": 10})
    with pytest.raises(errors.NotMerged):
        await ledger.unmerge("mbr_bob", "mbr_ada", "unmerge:2", "merge:1", "agent:idn_1", WHY)


async def test_a_debt_goes_back_to_where_it_was_made(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "p1", points=100))
    await ledger.post(make(Redeem, "r1", points=100))
    await ledger.post(make(Reverse, "v1", of="p1"))
    assert (await ledger.balance("mbr_ada")).deficit == 100
    await ledger.post(make(Earn, "q1", account="mbr_bob", points=150))
    await ledger.merge("mbr_bob", "mbr_ada", "merge:1", "agent:idn_1", WHY)
    assert (await ledger.balance("mbr_bob")).active == 50
    await ledger.unmerge("mbr_bob", "mbr_ada", "unmerge:1", "merge:1", "agent:idn_1", WHY)
    assert (await ledger.balance("mbr_bob")).active == 150
    assert (await ledger.balance("mbr_ada")).deficit == 100


async def test_sixty_units_go_to_sixty_takers(ledger: Ledger) -> None:
    await ledger.stock_put("rwd_mug", "delivery:1", 60)
    outcomes = await asyncio.gather(
        *(ledger.stock_reserve("rwd_mug", f"reserve:{number}") for number in range(500)), return_exceptions=True
    )
    taken = [number for number, each in enumerate(outcomes) if not isinstance(each, BaseException)]
    assert len(taken) == 60
    assert sum(isinstance(each, OutOfStock) for each in outcomes) == 440
    first, second = (f"reserve:{number}" for number in taken[:2])
    assert await ledger.stock_confirm("rwd_mug", first) is not None
    await ledger.stock_release("rwd_mug", second)
    assert await ledger.stock_release("rwd_mug", second) is not None, "a repeat answers the stored entry"
    level = await ledger.stock_level("rwd_mug")
    assert (level.available, level.reserved) == (1, 58)


async def test_a_saga_cut_short_before_its_decision_is_called_off(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100))
    await ledger.sagas._repository.open_saga(
        {
            "_id": "mbr_ada:gift:1",
            "source": "mbr_ada",
            "target": "mbr_bob",
            "operation": "gift:1",
            "begun_at": START,
            "outcome": None,
        }
    )
    clock.advance(DAY)
    assert await ledger.sagas.resume() == 1
    assert await ledger.sagas.resume() == 0
    with pytest.raises(errors.OperationVoided):
        await ledger.transfer("mbr_ada", "mbr_bob", 10, "gift:1", "member:mbr_ada", WHY)


async def test_jobs_post_what_time_has_done(ledger: Ledger, clock: MovableClock) -> None:
    for number in range(3):
        account = f"mbr_{number}"
        await ledger.post(
            make(Earn, "e1", account=account, points=10, active_at=START + DAY, expires_at=START + 2 * DAY)
        )
    await ledger.write_heads()
    clock.advance(3 * DAY)
    assert await ledger.settle_due() == 3
    assert await ledger.settle_due() == 0
    kinds = [entry["kind"] for entry in await ledger.entries("mbr_1")]
    assert kinds == ["expire", "activate", "earn"]
