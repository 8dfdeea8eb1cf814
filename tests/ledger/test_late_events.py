"""Events that arrive late, in any order, end like events in order: the same figures, months, lots and expiries."""

import contextlib
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.ledger.batch import Operation, plan_account
from app.ledger.decide import settle
from app.ledger.errors import InsufficientPoints, LedgerError
from app.ledger.models import Activate, Adjust, Capture, Command, Earn, EntryDocument, Hold, Redeem, Reverse
from app.ledger.pairs import TransferOut
from app.ledger.service import Ledger
from app.ledger.state import State, to_balance
from app.ledger.verify import verify
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


class _Account:
    """The pure machine behind the engine's own planning, with its history at hand."""

    def __init__(self) -> None:
        self.state = State("mbr_ada")
        self.entries: list[EntryDocument] = []

    def post(self, command: Command, now: datetime) -> EntryDocument:
        done: Any = None
        known: dict[str, list[EntryDocument]] = {}
        while True:
            plan = plan_account(self.state, [Operation(command, "d", done, 0.0)], now, known)
            for refusal, _ in plan.refusals.values():
                raise refusal
            if not plan.needs:
                break
            known |= {name: [e for e in self.entries if name in (e["operation"], e.get("of"))] for name in plan.needs}
        self.entries += plan.entries
        self.state = plan.states[-1]
        return plan.entries[-1]

    def wait(self, now: datetime) -> None:
        """What the ledger's job does by then."""
        self.state, entries = settle(self.state, now)
        self.entries += entries

    def figures(self) -> tuple[Any, ...]:
        """All that a member and the books see."""
        books: Counter[str] = Counter()
        for entry in self.entries:
            books.update({str(name): int(change) for name, change in entry["postings"]})
        balance = to_balance(self.state)
        lots = {(lot.id, lot.remaining, lot.expires_at) for lot in balance.lots}
        totals = {name: change for name, change in books.items() if change}
        return balance.active, balance.reserved, balance.deficit, balance.lifetime, balance.qualifying, lots, totals


def _story(rng: Random) -> list[Command]:
    """Earned at the start, used within days, while one lot after the other expires; in order of happening."""
    commands: list[Command] = []
    for number in range(rng.randint(2, 6)):
        lasts = None if number == 5 else DAY * rng.randint(2, 20)
        expires = None if lasts is None else START + lasts
        points = rng.randint(20, 60)
        commands.append(make(Earn, f"e{number}", points=points, qualifying=7, month="2026-03", expires_at=expires))
    in_order = _Account()
    for command in commands:
        in_order.post(command, START)
    for number in range(rng.randint(2, 6)):
        at = START + DAY * rng.randint(0, 18) + timedelta(minutes=number)
        uses: list[Command] = [
            make(Redeem, f"u{number}", at=at, points=rng.randint(5, 40)),
            make(Hold, f"u{number}", at=at, points=rng.randint(5, 40)),
            make(TransferOut, f"u{number}", at=at, to="mbr_bob", points=rng.randint(5, 40)),
            make(Adjust, f"u{number}", at=at, points=-rng.randint(5, 40)),
        ]
        commands.append(rng.choice(uses))
        if isinstance(commands[-1], Hold) and rng.random() < 0.5:
            commands.append(make(Capture, f"c{number}", at=at + timedelta(minutes=1), hold=f"u{number}"))
    return sorted(commands, key=lambda command: command.occurred_at)


def test_uses_that_arrive_after_lots_expired_end_as_if_they_had_come_in_order() -> None:
    late = taken_back = 0
    for seed in range(600):
        rng = Random(seed)
        commands = _story(rng)
        in_order, shuffled = _Account(), _Account()
        accepted: list[Command] = []
        for command in commands:
            try:
                in_order.post(command, command.occurred_at)
            except LedgerError:
                continue
            accepted.append(command)
        now = START + DAY * 19
        in_order.wait(now)
        # Earned and sent at once; the uses come in any order, some long after lots that they used have expired.
        waiting = [command for command in accepted if not isinstance(command, Earn)]
        for command in accepted[: len(accepted) - len(waiting)]:
            shuffled.post(command, START)
        rng.shuffle(waiting)
        waiting.sort(key=lambda command: isinstance(command, Capture))
        for command in waiting:
            shuffled.wait(max(command.occurred_at, START + DAY * rng.randint(0, 19)))
            shuffled.post(command, now)
        shuffled.wait(now)
        assert shuffled.figures() == in_order.figures(), f"seed {seed}"
        late += any(command.occurred_at < now - DAY for command in waiting)
        taken_back += any(entry["kind"] == "reinstate" for entry in shuffled.entries)
    assert late > 400
    assert taken_back > 150


def test_a_return_that_arrives_after_lots_expired_ends_as_if_it_had_come_in_order() -> None:
    compared = taken_back = 0
    now = START + DAY * 19
    for seed in range(600):
        rng = Random(seed)
        commands = _story(rng)
        late = make(Reverse, "back", at=START + DAY * rng.randint(0, 18), of=f"e{rng.randrange(2)}")
        in_order, on_time = _Account(), _Account()
        accepted = []
        for command in sorted([*commands, late], key=lambda each: each.occurred_at):
            with contextlib.suppress(LedgerError):
                in_order.post(command, command.occurred_at)
                accepted.append(command)
        for command in accepted:
            if command is not late:
                on_time.post(command, command.occurred_at)
        for account in (in_order, on_time):
            account.wait(now)
        if _used_later(on_time.entries, late):
            # Whoever used those very points after the return would have used others: who comes first had them.
            continue
        on_time.post(late, now)
        on_time.wait(now)
        compared += 1
        assert on_time.figures() == in_order.figures(), f"seed {seed}"
        taken_back += any(entry["kind"] == "reinstate" for entry in on_time.entries)
    assert compared > 400
    assert taken_back > 100


def _used_later(entries: list[EntryDocument], late: Reverse) -> bool:
    return any(
        movement["lot"] == late.of and movement["points"] < 0
        for entry in entries
        if entry["kind"] != "expire" and entry["occurred_at"] > late.occurred_at
        for movement in entry["movements"]
    )


async def test_a_late_redemption_reaches_a_lot_that_has_expired_meanwhile(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + 2 * DAY))
    await ledger.post(make(Earn, "e2", points=50, expires_at=START + 30 * DAY))
    clock.advance(3 * DAY)
    assert await ledger.settle_due() == 0, "its head was not written yet"
    await ledger.write_heads()
    assert await ledger.settle_due() == 1
    late = make(Redeem, "r1", at=START + DAY, points=120)
    before, after = await ledger.preview(late)
    assert (before.active, after.active, after.reserved) == (50, 30, 0)
    entry = await ledger.post(late)
    assert (entry["points"], entry["balance"]) == (-20, 30), "100 came from the lot that had not expired then"
    assert await ledger.post(late) == entry
    await ledger.post(make(Reverse, "v1", at=clock.now(), of="r1"))
    assert (await ledger.balance("mbr_ada")).active == 50, "what came back to the expired lot expired"
    with pytest.raises(InsufficientPoints):
        await ledger.post(make(Redeem, "r2", at=START + DAY, points=151))
    with pytest.raises(InsufficientPoints):
        await ledger.post(make(Redeem, "r3", at=clock.now(), points=51))
    _, problem = await verify(ledger.repository)
    assert problem is None
