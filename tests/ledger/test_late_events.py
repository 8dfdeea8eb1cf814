"""Events that arrive late, in any order, end like events in order: the same figures, months, lots and expiries."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.ledger import replay
from app.ledger.audit import Auditor
from app.ledger.batch import Operation, plan_account
from app.ledger.decide import settle
from app.ledger.errors import InsufficientPoints, LedgerError
from app.ledger.facts import relates
from app.ledger.models import (
    Activate,
    Adjust,
    CancelPending,
    Capture,
    Command,
    Earn,
    EntryDocument,
    Extend,
    Hold,
    Migrate,
    Movement,
    OpeningLot,
    Redeem,
    Reinstate,
    Release,
    Reverse,
)
from app.ledger.pairs import TransferIn, TransferOut
from app.ledger.replay import as_it_was
from app.ledger.service import Ledger
from app.ledger.state import State, fold, lapses, to_head
from app.ledger.verify import export, verify
from tests.ledger.commands import DAY, START, make
from tests.ledger.stranger import check_export
from tests.profiling import profiling, scans


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


_END = START + DAY * 19


class _Account:
    """The pure machine behind the engine's own planning, with its history at hand; every entry is audited."""

    def __init__(self) -> None:
        self.state = State("mbr_ada")
        self.entries: list[EntryDocument] = []
        self._auditor = Auditor()

    def post(self, command: Command, now: datetime) -> EntryDocument:
        done: Any = None
        known: dict[str, list[EntryDocument]] = {}
        while True:
            plan = plan_account(self.state, [Operation(command, "d", done, 0.0)], now, known)
            for refusal, _ in plan.refusals.values():
                raise refusal
            if not plan.needs:
                break
            known |= {name: [entry for entry in self.entries if relates(entry, name)] for name in plan.needs}
        self._add(plan.entries, plan.states[-1])
        return plan.entries[-1]

    def wait(self, now: datetime) -> None:
        """What the ledger's job does by then."""
        state, entries = settle(self.state, now)
        self._add(entries, state)

    def _add(self, entries: list[EntryDocument], after: State) -> None:
        state = self.state
        for entry in entries:
            assert self._auditor.add(entry) is None
            state = fold(state, entry)
        assert to_head(state) == to_head(after), "fold and decision disagree"
        self.entries += entries
        self.state = after

    def figures(self) -> tuple[Any, ...]:
        """All that a member and the books see."""
        books: Counter[str] = Counter()
        for entry in self.entries:
            books.update({str(name): int(change) for name, change in entry["postings"]})
        return *seen_of(self.state), {name: change for name, change in books.items() if change}


def seen_of(state: State) -> tuple[Any, ...]:
    """Everything that is on an account, whoever numbered it."""
    parcels = {
        (
            parcel["place"],
            parcel["lot"],
            parcel.get("hold"),
            parcel["points"],
            parcel["origin"],
            parcel["active_at"],
            parcel["expires_at"],
            parcel.get("until"),
        )
        for parcel in state.parcels.values()
    }
    return state.active, state.pending, state.reserved, state.deficit, state.lifetime, state.qualifying, parcels


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
        taken_back += any(_less_lapsed(entry) for entry in shuffled.entries)
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
        taken_back += any(_less_lapsed(entry) for entry in on_time.entries)
    assert compared > 400
    assert taken_back > 100


def _less_lapsed(entry: EntryDocument) -> bool:
    return any(points < 0 for points in lapses(entry).values())


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


class _Teller:
    """Tells stories: anything that can happen to an account within weeks."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._gains = ["o0"]
        self._spends = ["o0"]
        self._holds = ["o0"]
        self._waiting = ["o0"]
        self._told: list[Callable[[str, datetime], Command]] = [
            *[self._earn] * 7,
            *[self._redeem] * 4,
            *[self._hold] * 2,
            self._capture,
            self._release,
            *[self._give_back] * 2,
            *[self._take_back] * 2,
            self._of_pending,
            self._dates,
            self._adjust,
            self._send,
            self._migrate,
        ]

    def story(self) -> list[Command]:
        """In order of happening."""
        minutes = sorted(self._rng.sample(range(18 * 24 * 60), self._rng.randint(4, 14)))
        commands: list[Command] = []
        for number, minute in enumerate(minutes):
            tell = self._rng.choice(self._told) if number else self._earn
            commands.append(tell(f"o{number}", START + timedelta(minutes=minute)))
        return commands

    def _points(self) -> int:
        return self._rng.randint(5, 80)

    def _part(self) -> int | None:
        return self._rng.choice([None, self._rng.randint(0, 30)])

    def _after(self, at: datetime) -> datetime | None:
        return None if self._rng.random() < 0.15 else at + DAY * self._rng.randint(2, 15)

    def _earn(self, name: str, at: datetime) -> Command:
        self._gains.append(name)
        awaits = "delivery" if self._rng.random() < 0.15 else None
        if awaits:
            self._waiting.append(name)
        return make(
            Earn,
            name,
            at=at,
            points=self._points(),
            qualifying=self._rng.randint(0, 5),
            month="2026-03",
            expires_at=self._after(at),
            active_at=at + DAY if self._rng.random() < 0.15 else None,
            awaits=awaits,
        )

    def _redeem(self, name: str, at: datetime) -> Command:
        self._spends.append(name)
        return make(Redeem, name, at=at, points=self._points())

    def _hold(self, name: str, at: datetime) -> Command:
        self._holds.append(name)
        until = at + DAY * self._rng.randint(1, 6) if self._rng.random() < 0.6 else None
        return make(Hold, name, at=at, points=self._points(), until=until)

    def _capture(self, name: str, at: datetime) -> Command:
        self._spends.append(name)
        part = self._rng.choice([None, self._rng.randint(1, 10)])
        return make(Capture, name, at=at, hold=self._rng.choice(self._holds), points=part)

    def _release(self, name: str, at: datetime) -> Command:
        return make(Release, name, at=at, hold=self._rng.choice(self._holds))

    def _give_back(self, name: str, at: datetime) -> Command:
        return make(Reverse, name, at=at, of=self._rng.choice(self._spends), points=self._part())

    def _take_back(self, name: str, at: datetime) -> Command:
        policy = self._rng.choice(["unlimited", "unlimited", "within_balance", "only_pending"])
        return make(Reverse, name, at=at, of=self._rng.choice(self._gains), points=self._part(), policy=policy)

    def _of_pending(self, name: str, at: datetime) -> Command:
        of = self._rng.choice(self._waiting)
        if self._rng.random() < 0.4:
            return make(CancelPending, name, at=at, of=of)
        return make(Activate, name, at=at, of=of, expires_at=self._rng.choice([None, at + DAY * 5]))

    def _dates(self, name: str, at: datetime) -> Command:
        lot = self._rng.choice(self._gains)
        if self._rng.random() < 0.4:
            return make(Reinstate, name, at=at, lot=lot, expires_at=at + DAY * 4)
        lots = self._rng.choice([None, lot])
        return make(Extend, name, at=at, lot=lots, expires_at=at + DAY * self._rng.randint(3, 20))

    def _adjust(self, name: str, at: datetime) -> Command:
        points = self._rng.choice([-1, 1]) * self._points()
        (self._gains if points > 0 else self._spends).append(name)
        return make(Adjust, name, at=at, points=points, expires_at=self._after(at))

    def _send(self, name: str, at: datetime) -> Command:
        if self._rng.random() < 0.5:
            return make(TransferOut, name, at=at, to="mbr_bob", points=self._points())
        lot: Movement = {
            "place": "active",
            "lot": "elsewhere",
            "points": self._points(),
            "seq": 1,
            "origin": 90,
            "active_at": at - DAY,
            "expires_at": self._after(at),
        }
        return make(TransferIn, name, at=at, source="mbr_bob", lots=(lot,))

    def _migrate(self, name: str, at: datetime) -> Command:
        self._gains.append(name)
        lots = tuple(
            OpeningLot(points=self._points(), expires_at=self._after(at)) for _ in range(self._rng.randint(1, 2))
        )
        return make(Migrate, name, at=at, lots=lots)


def _told_twice(seed: int) -> tuple[_Account, _Account] | None:
    """The same story in order and in another order; None when that cannot be told.

    It cannot when each of two events waits for the other: a use that only its own return leaves room for.
    """
    rng = Random(seed)
    ordered, shuffled = _Account(), _Account()
    waiting: list[Command] = []
    for command in _Teller(rng).story():
        with contextlib.suppress(LedgerError):
            ordered.post(command, command.occurred_at)
            waiting.append(command)
    ordered.wait(_END)
    if rng.random() < 0.5:
        rng.shuffle(waiting)
    else:
        # Most come in order; a till was offline for a while.
        waiting.sort(key=lambda command: rng.random() < 0.3)
    patience = 60
    while waiting:
        command = waiting.pop(0)
        if rng.random() < 0.3:
            shuffled.wait(START + DAY * rng.randint(0, 19))
        try:
            shuffled.post(command, _END)
        except LedgerError:
            # It stands on what has not come yet.
            waiting.append(command)
            patience -= 1
            if not patience:
                return None
    shuffled.wait(_END)
    return ordered, shuffled


def _compare(stories: int) -> tuple[int, int]:
    """How many stories ended alike in both orders, and in how many of them a late event changed something."""
    compared = corrected = 0
    for seed in range(stories):
        told = _told_twice(seed)
        if told is None:
            continue
        ordered, shuffled = told
        assert shuffled.figures() == ordered.figures(), f"seed {seed}"
        for day in (3, 9, 15):
            then = START + DAY * day
            was, plainly = (settle(as_it_was("mbr_ada", account.entries, then), then)[0] for account in told)
            assert seen_of(was) == seen_of(plainly), f"seed {seed}, day {day}"
        compared += 1
        corrected += any("corrections" in entry for entry in shuffled.entries)
    return compared, corrected


def test_any_story_in_any_order_ends_as_in_order() -> None:
    stories = 40_000 if os.environ.get("STAMPBOOK_SOAK") else 700
    compared, corrected = _compare(stories)
    assert compared > 0.98 * stories
    assert corrected > stories / 2


@pytest.mark.parametrize(
    ("where", "name", "planted"),
    [
        (replay, "bisect_right", lambda times, _at: len(times)),
        (replay, "_meets_others", lambda *_: False),
        (replay._Late, "_corrections", lambda *_: None),
        (replay._Late, "_lapsed", lambda *_: []),
        (replay, "_in_order_until", lambda history, _at: len(history)),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_planted_bug_shows_in_some_story(
    where: Any, name: str, planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, planted)
    with pytest.raises(AssertionError):
        _compare(400)


async def test_a_late_earn_takes_its_place_in_what_was_spent_since(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "long", points=100, expires_at=START + 30 * DAY))
    clock.advance(4 * DAY)
    await ledger.post(make(Redeem, "reward", at=START + 2 * DAY, points=40))
    clock.advance(4 * DAY)
    late = make(Earn, "short", at=START + DAY, points=60, expires_at=START + 6 * DAY)
    before, after = await ledger.preview(late)
    assert (before.active, after.active) == (60, 100), "the reward would have taken what expires first"
    entry = await ledger.post(late)
    assert (entry["points"], entry["lifetime"], entry["corrects"]) == (60, 60, ["reward"])
    assert entry["reason"]["parts"][-1]["kind"] == "NOTE"
    assert await ledger.post(late) == entry
    balance = await ledger.balance("mbr_ada")
    assert [(lot.id, lot.remaining) for lot in balance.lots] == [("long", 100)], "what was left of the other lapsed"
    then = await ledger.balance_as_of("mbr_ada", START + 3 * DAY, clock.now())
    assert [(lot.id, lot.remaining) for lot in then.lots] == [("short", 20), ("long", 100)]
    unknowing = await ledger.balance_as_of("mbr_ada", START + 3 * DAY, START + 4 * DAY)
    assert [(lot.id, lot.remaining) for lot in unknowing.lots] == [("long", 60)]
    await ledger.post(make(Reverse, "back", at=clock.now(), of="reward"))
    assert (await ledger.balance("mbr_ada")).active == 100, "it went back to the lot that it would have come from"
    _, problem = await verify(ledger.repository)
    assert problem is None
    books = check_export([line async for line in export(ledger.repository, "")], "")
    assert books["mbr_ada"]["active"] == 140, "that the rest has lapsed again needs no entry yet"


async def test_what_came_late_is_understood_when_something_earlier_comes_still_later(
    ledger: Ledger, clock: MovableClock
) -> None:
    def commands(account: str) -> list[Command]:
        lots = (OpeningLot(points=30, expires_at=START + 12 * DAY), OpeningLot(points=5))
        return [
            make(Earn, "long", account=account, points=100, expires_at=START + 30 * DAY),
            make(Earn, "short", account=account, at=START + DAY, points=20, expires_at=START + 9 * DAY),
            make(Migrate, "old", account=account, at=START + 2 * DAY, lots=lots),
            make(Redeem, "reward", account=account, at=START + 5 * DAY, points=60),
            make(Reverse, "back", account=account, at=START + 6 * DAY, of="reward", points=15),
        ]

    clock.advance(7 * DAY)
    in_order, late = commands("mbr_ada"), commands("mbr_bob")
    for command in (*in_order, late[0], late[3], late[2], late[4], late[1]):
        await ledger.post(command)
    ada, bob = (await ledger.balances(["mbr_ada", "mbr_bob"])).values()
    assert (bob.active, bob.lots) == (ada.active, ada.lots)
    assert [(lot.id, lot.remaining) for lot in bob.lots] == [("old#0", 5), ("long", 100), ("old#1", 5)]
    _, problem = await verify(ledger.repository)
    assert problem is None


async def test_a_late_use_reaches_any_of_the_lots_that_expired_since(ledger: Ledger, clock: MovableClock) -> None:
    for number in range(20):
        await ledger.post(make(Earn, f"e{number}", points=10, expires_at=START + DAY * (2 + number)))
    clock.advance(40 * DAY)
    await ledger.write_heads()
    await ledger.settle_due()
    entry = await ledger.post(make(Redeem, "all", at=START + DAY, points=200))
    assert (entry["points"], entry["balance"]) == (0, 0)
    _, problem = await verify(ledger.repository)
    assert problem is None


async def test_nothing_is_read_for_what_comes_in_order(ledger: Ledger, clock: MovableClock, database: Database) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + 30 * DAY))
    await ledger.post(make(Redeem, "r1", points=10))
    async with profiling(database) as seen:
        await ledger.post(make(Earn, "e2", points=100, expires_at=START + 9 * DAY))
        await ledger.post(make(Earn, "e3", at=START - timedelta(milliseconds=400), points=100))
        await ledger.post(make(Redeem, "r2", points=10))
    assert [command for command in seen if command["op"] == "query"] == []
    async with profiling(database) as seen:
        await ledger.post(make(Earn, "e4", at=START - DAY, points=100, expires_at=START + 9 * DAY))
    assert [command["ns"] for command in seen if command["op"] == "query"] == [f"{database.name}.entries"]
    assert scans(seen) == []
