"""A test of the tests: each planted bug in the pure core must be noticed."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from app.ledger import decide, draft, points, reversal, spending, state
from app.ledger.draft import Draft, piece
from app.ledger.errors import NotPending
from app.ledger.models import Activate, Capture, Command, Earn, EntryDocument, Expire, Movement, TakeBackExpiry
from tests.ledger.model import walk

Plant = Callable[[pytest.MonkeyPatch], None]


def spends_without_looking(patch: pytest.MonkeyPatch) -> None:
    def spend(self: Draft, points: int, _operation: str) -> list[Movement]:
        return self.take(self.active_parcels(), points)

    patch.setattr(Draft, "spend", spend)


def spends_the_longest_lived_first(patch: pytest.MonkeyPatch) -> None:
    original = Draft.active_parcels
    patch.setattr(Draft, "active_parcels", lambda self: original(self)[::-1])


def forgets_the_deficit_on_credit(patch: pytest.MonkeyPatch) -> None:
    def credit(self: Draft, parcel: Movement) -> None:
        lot: Movement = {**parcel, "place": "active"}
        lot.pop("hold", None)
        lot.pop("until", None)
        self.move(lot)

    patch.setattr(Draft, "credit", credit)


def gives_back_without_expiry(patch: pytest.MonkeyPatch) -> None:
    original = Draft.credit

    def credit(self: Draft, parcel: Movement) -> None:
        # The parcels of a reversal come from earlier entries, so only they are older than this entry.
        original(self, {**parcel, "expires_at": None} if parcel["seq"] < self.seq else parcel)

    patch.setattr(Draft, "credit", credit)


def captures_without_returning_the_rest(patch: pytest.MonkeyPatch) -> None:
    def capture(made: Draft, command: Capture, facts: Any) -> None:
        held = [p for p in made.parcels.values() if p.get("hold") == command.hold]
        if command.points is None or command.points >= sum(p["points"] for p in held):
            spending.capture(made, command, facts)
            return
        made.of = command.hold
        made.take(held, command.points)
        made.post("redeemed", command.points)

    patch.setitem(decide._RULES, Capture, capture)


def reverses_from_the_start_each_time(patch: pytest.MonkeyPatch) -> None:
    def so_far(_original: EntryDocument, _related: Sequence[EntryDocument]) -> tuple[int, int]:
        return 0, 0

    patch.setattr(reversal, "_so_far", so_far)


def lets_the_shortfall_go(patch: pytest.MonkeyPatch) -> None:
    original = Draft.owe
    patch.setattr(Draft, "owe", lambda self, points: original(self, points) if points < 0 else None)


def expires_in_the_books_only(patch: pytest.MonkeyPatch) -> None:
    def expire(made: Draft, command: Any, _facts: Any) -> None:
        parcel = points.find_parcel(made, "active", command.lot)
        if parcel is not None:
            made.of = parcel["lot"]
            made.post("expired", parcel["points"])
            made.move(piece(parcel, -1))

    patch.setitem(decide._RULES, Expire, expire)


def expires_too_early(patch: pytest.MonkeyPatch) -> None:
    original = points.expire

    def expire(made: Draft, command: Any, facts: Any) -> None:
        late = Expire(
            account=command.account,
            operation=command.operation,
            occurred_at=command.occurred_at + timedelta(days=3),
            actor=command.actor,
            reason=command.reason,
            lot=command.lot,
        )
        original(made, late, facts)

    patch.setitem(decide._RULES, Expire, expire)


def activates_and_keeps_waiting(patch: pytest.MonkeyPatch) -> None:
    def activate(made: Draft, command: Any, _facts: Any) -> None:
        parcel = points.find_parcel(made, "pending", command.of)
        if parcel is None:
            raise NotPending(command.of)
        made.of = parcel["lot"]
        made.move(piece(parcel, -parcel["points"]))
        made.credit(piece(parcel, parcel["points"] - 1))
        made.move({**parcel, "points": 1, "active_at": None})

    patch.setitem(decide._RULES, Activate, activate)


def returns_to_another_lot(patch: pytest.MonkeyPatch) -> None:
    original = Draft.credit

    def credit(self: Draft, parcel: Movement) -> None:
        others = [p for p in self.active_parcels() if p["lot"] != parcel["lot"]]
        if parcel["seq"] < self.seq and others:
            original(self, {**others[0], "points": parcel["points"]})
        else:
            original(self, parcel)

    patch.setattr(Draft, "credit", credit)


def keeps_status_points_on_return(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reversal, "_months", lambda *_: {})


def captures_more_than_is_held(patch: pytest.MonkeyPatch) -> None:
    original = spending.capture

    def capture(made: Draft, command: Capture, facts: Any) -> None:
        held = sum(p["points"] for p in made.parcels.values() if p.get("hold") == command.hold)
        if command.points is not None and held and command.points > held:
            made.post("redeemed", command.points)
            made.owe(0)
            return
        original(made, command, facts)

    patch.setitem(decide._RULES, Capture, capture)


def folds_without_the_deficit(patch: pytest.MonkeyPatch) -> None:
    original = state.fold

    def fold(before: state.State, entry: EntryDocument) -> state.State:
        after = original(before, entry)
        after.deficit = before.deficit
        return after

    patch.setattr("tests.ledger.model.fold", fold)


def never_sees_lapsed_holds(patch: pytest.MonkeyPatch) -> None:
    original = state.due_at

    def due_at(parcel: Movement) -> Any:
        return None if parcel["place"] == "held" else original(parcel)

    patch.setattr(state, "due_at", due_at)
    patch.setattr(decide, "due_at", due_at)


def earns_twice_the_points(patch: pytest.MonkeyPatch) -> None:
    def earn(made: Draft, command: Earn, facts: Any) -> None:
        points.earn(made, command, facts)
        if command.qualifying % 7 == 3:
            made.post("issued", -1)

    patch.setitem(decide._RULES, Earn, earn)


def takes_back_too_much(patch: pytest.MonkeyPatch) -> None:
    original = points.take_back_expiry

    def take_back(made: Draft, command: Any, facts: Any) -> None:
        original(made, dataclasses.replace(command, points=10**6), facts)

    patch.setitem(decide._RULES, TakeBackExpiry, take_back)


pytestmark = pytest.mark.timeout(60)

PLANTED: list[Plant] = [
    spends_without_looking,
    spends_the_longest_lived_first,
    forgets_the_deficit_on_credit,
    gives_back_without_expiry,
    captures_without_returning_the_rest,
    reverses_from_the_start_each_time,
    lets_the_shortfall_go,
    expires_in_the_books_only,
    expires_too_early,
    activates_and_keeps_waiting,
    returns_to_another_lot,
    keeps_status_points_on_return,
    captures_more_than_is_held,
    folds_without_the_deficit,
    never_sees_lapsed_holds,
    earns_twice_the_points,
    takes_back_too_much,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_noticed(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, KeyError, IndexError)):
        _walk_many(400)


def _walk_many(seeds: int) -> None:
    for seed in range(seeds):
        walk(Random(seed), 40)


def test_without_a_bug_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: set[str] = set()
    for seed in range(100):
        kinds.update(entry["kind"] for entry in walk(Random(seed), 40).entries)
    # The same with lots kept together early, as on an account with very many of them.
    monkeypatch.setattr(draft, "MANY_LOTS", 3)
    for seed in range(300):
        walk(Random(seed), 40)
    assert kinds >= {each.kind for each in Command.__subclasses__() if each.__module__ == Command.__module__}
