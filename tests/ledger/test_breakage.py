"""Breakage is an estimate beside the books: from what became of old lots, for the points that are outstanding."""

from app.core.clock import MovableClock
from app.ledger.breakage import Breakage, estimate
from app.ledger.models import Earn, Redeem, Reverse
from app.ledger.service import Ledger
from tests.ledger.commands import DAY, make


async def test_old_lots_tell_how_much_will_never_be_redeemed(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "old", at=clock.now(), points=1000))
    await ledger.post(make(Redeem, "spent", at=clock.now(), points=900))
    await ledger.post(make(Reverse, "back", at=clock.now(), of="spent", points=300))
    assert await estimate(ledger.repository, 400, clock.now()) == Breakage(0, 0, 400)
    clock.advance(400 * DAY)
    await ledger.post(make(Earn, "new", account="mbr_bob", at=clock.now(), points=500))
    await ledger.stock_put("rwd_mug", "s", 7)
    before = await ledger.repository.count()
    found = await estimate(ledger.repository, 901, clock.now())
    assert (found.issued, found.redeemed, found.expected) == (1000, 600, 360)
    assert await ledger.repository.count() == before, "an estimate posts nothing"


def test_nothing_is_expected_to_break_without_experience() -> None:
    assert Breakage(0, 0, 500).expected == 0
    assert Breakage(100, 20, 0).expected == 0
    assert Breakage(100, 120, 50).expected == 0, "more was given back than came in with these lots"
