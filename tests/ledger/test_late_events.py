"""Events that arrive late, in any order, end like events in order: the same figures, months, lots and expiries."""

from random import Random

from app.core.clock import MovableClock
from app.ledger.models import Activate, Command, Earn
from app.ledger.service import Ledger
from tests.ledger.commands import DAY, START, make


async def test_purchases_of_a_till_that_was_offline_end_as_if_they_had_come_in_order(
    ledger: Ledger, clock: MovableClock
) -> None:
    clock.advance(20 * DAY)
    for seed in range(20):
        rng = Random(seed)
        for name, shuffled in ((f"mbr_{seed}_in_order", False), (f"mbr_{seed}_late", True)):
            commands: list[Command] = []
            for day in range(8):
                at = START + DAY * day
                expires = at + DAY * (5 + (seed * 7 + day * 11) % 40)
                commands.append(
                    make(
                        Earn,
                        f"e{day}",
                        account=name,
                        at=at,
                        points=10 + day,
                        qualifying=day,
                        month="2026-03",
                        expires_at=expires,
                        active_at=at + 2 * DAY if day % 3 == 0 else None,
                        awaits="delivery" if day % 4 == 1 else None,
                    )
                )
            if shuffled:
                rng.shuffle(commands)
            for command in commands:
                await ledger.post(command)
            for day in (1, 5):
                await ledger.post(make(Activate, f"a{day}", account=name, of=f"e{day}", at=START + DAY * 9))
        in_order, late = [await ledger.balance(f"mbr_{seed}_{name}") for name in ("in_order", "late")]
        assert (late.active, late.pending, late.lifetime) == (in_order.active, in_order.pending, in_order.lifetime)
        assert late.qualifying == in_order.qualifying
        assert {(lot.id, lot.remaining, lot.active_at, lot.expires_at) for lot in late.lots} == {
            (lot.id, lot.remaining, lot.active_at, lot.expires_at) for lot in in_order.lots
        }
