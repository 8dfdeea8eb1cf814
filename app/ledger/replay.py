"""Late events: what an account would be had the event been posted when it happened.

What was posted after the event happened is decided again with the event in its place, on the account as it was then.
The event's one entry then carries its own figures and all that changed for the others, so that folding stays plain
addition and nothing is half-done; `corrections` say which part is whose, for what looks back at those operations.

Where that cannot be, the event is posted on the account as it is now, as far as lapsed points reach back
(`decide.next_back`):
- in order, something would have been refused that was answered long ago: a return from before points were spent that
  then were not there, a use from before the points that cover it were earned. Nobody can take back an answer, and
  clocks differ;
- an account was merged or unmerged after the event happened: what left then belongs to the other account;
- the account has more than MANY_ENTRIES entries, or more than MANY_SINCE operations came since, or what it changes
  for them does not fit into an entry.
Beyond MANY_LOTS lots, which of those that expire together are kept as one may differ, which nobody can tell.
What a transfer carried stays with its receiver as it came, though the giver's lots are as in order. Events less than
CONCURRENT apart, and units of rewards, which are all alike, count in the order of their posting.
"""

import dataclasses
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from app.ledger.asked import AGAIN, commands_of, was_asked
from app.ledger.decide import advance_by, draft_of, next_due
from app.ledger.draft import Draft, piece
from app.ledger.errors import InsufficientPoints, LedgerError
from app.ledger.facts import Facts, NeedFacts
from app.ledger.models import (
    Adjust,
    Command,
    Corrections,
    EntryDocument,
    Extend,
    Hold,
    Kind,
    Migrate,
    Movement,
    Pieces,
    ReasonPart,
    Redeem,
    Reinstate,
    Reverse,
)
from app.ledger.pairs import TransferIn, TransferOut
from app.ledger.points import posted
from app.ledger.reversal import spent_by
from app.ledger.seals import book_of
from app.ledger.state import ParcelKey, State, fold_all, is_lot_of, lapses

CONCURRENT: Final = timedelta(milliseconds=500)
"""Nobody knows the order of what several clocks saw within so long."""

MANY_ENTRIES: Final = 5_000
"""The longest history that a late event looks at."""

MANY_SINCE: Final = 500
"""So many operations since are decided again: the rest of the service waits for that, 0.1 ms each."""

_LATE: Final = frozenset(AGAIN.values())
_SPENDS: Final[frozenset[Kind]] = frozenset({"redeem", "capture", "adjust", "transfer_out"})
_MAY_FAIL: Final = (Extend, Reinstate)
"""What there was no longer a reason for in order promised nothing to anybody."""

Step = tuple[EntryDocument, State]


def in_order(state: State, command: Command, now: datetime, facts: Facts, digest: str | None = None) -> list[Step]:
    """The entries that post a late command as if it had come in order, its own last; none to post it as any other.

    Raises NeedFacts.
    """
    latest = state.latest_at
    if latest is None or command.occurred_at >= latest:
        return []
    if command.occurred_at >= latest - CONCURRENT or type(command) not in _LATE:
        return []
    if book_of(state.account) == "stock" or state.version > MANY_ENTRIES:
        return []
    steps: list[Step] = []
    while (due := next_due(state, latest)) is not None:
        steps.append(advance_by(state, due, now))
        state = steps[-1][1]
    if not _meets_others(state, command, facts):
        return []
    history = [*facts.history(), *(entry for entry, _ in steps)]
    try:
        late = _Late(state, command, now, facts, history).draft()
        if late is None:
            return []
        entry = late.entry(_explained(command, late), now, digest)
    except LedgerError:
        return []
    return [*steps, (entry, late.after(entry))]


def as_it_was(account: str, entries: Sequence[EntryDocument], at: datetime) -> State:
    """The account at `at`, by entries up to some posting, oldest first; late ones count from when they happened."""
    happened = [entry for entry in entries if entry["occurred_at"] <= at]
    late = [after["occurred_at"] for before, after in pairwise(entries) if after["occurred_at"] < before["occurred_at"]]
    first = _in_order_until(entries, min([*late, at]))
    steps = commands_of(entry for entry in entries[first:] if entry["occurred_at"] <= at) if late else None
    if steps is not None and len(steps) <= MANY_SINCE:
        replay = _Replay(fold_all(account, entries[:first]), Facts(), entries[:first], at)
        try:
            replay.run(steps)
        except (LedgerError, NeedFacts):
            # Something was answered otherwise than in order: what was posted is all that can be said.
            pass
        else:
            return replay.state
    return fold_all(account, happened)


def _meets_others(state: State, command: Command, facts: Facts) -> bool:
    """Whether posting the command as any other could end otherwise than in order.

    Lots that came since make no difference to whoever does not use them.
    """
    at = command.occurred_at
    if isinstance(command, Extend) or state.touched_at is None or state.touched_at > at:
        return True
    if not isinstance(command, Redeem | Hold | TransferOut | Adjust | Reverse):
        return False
    try:
        taken = [movement for movement in draft_of(state, command, facts).movements if movement["points"] < 0]
    except InsufficientPoints:
        return False
    except LedgerError:
        return True
    return any(each["place"] == "pending" or each["active_at"] is None or each["active_at"] > at for each in taken)


def _again(
    account: str, history: Sequence[EntryDocument], at: datetime
) -> tuple[State, list[tuple[Command, int]]] | None:
    """The account as it was before `at`, and all commands since with the number of their entry, in order.

    None when one of them cannot be decided again.
    """
    first = _in_order_until(history, at)
    state = fold_all(account, history[:first])
    steps = commands_of(history[first:])
    return None if steps is None else (state, steps)


def _in_order_until(history: Sequence[EntryDocument], at: datetime) -> int:
    """How many entries all happened by `at`, and before whatever was posted after them."""
    soonest = at
    soonest_after = [at] * (len(history) + 1)
    for index in range(len(history) - 1, -1, -1):
        if was_asked(history[index]) and history[index]["occurred_at"] < soonest:
            soonest = history[index]["occurred_at"]
        soonest_after[index] = soonest
    latest: datetime | None = None
    count = 0
    for index, entry in enumerate(history):
        if latest is None or entry["occurred_at"] > latest:
            latest = entry["occurred_at"]
        if latest > at:
            break
        if latest <= soonest_after[index + 1]:
            count = index + 1
    return count


class _Past(Facts):
    """What the replay knows: the account's entries before it, its own ones, and stored ones of merged accounts."""

    __slots__ = ("_account", "_by_name", "_stored")

    def __init__(self, account: str, merged: Sequence[str], stored: Facts, before: Sequence[EntryDocument]) -> None:
        super().__init__()
        self._account = account
        self._stored = stored if merged else None
        self._by_name: dict[str, list[EntryDocument]] = defaultdict(list)
        for entry in before:
            self.add(entry)

    def add(self, entry: EntryDocument) -> None:
        """Know one more entry."""
        for name in {entry["operation"], entry.get("of", ""), *entry.get("corrects", ())}:
            self._by_name[name].append(entry)

    def about(self, *names: str) -> list[EntryDocument]:
        """See Facts."""
        found = [entry for name in names for entry in self._by_name.get(name, ())]
        if self._stored is not None:
            found += [entry for entry in self._stored.about(*names) if entry["account"] != self._account]
        return list({id(entry): entry for entry in found}.values())


class _Replay:
    """Decides commands again, one after the other, and says what time did in between, up to a horizon."""

    def __init__(self, start: State, facts: Facts, before: Sequence[EntryDocument], horizon: datetime) -> None:
        self.state = start
        self.entries: list[EntryDocument] = []
        self.numbers: dict[str, EntryDocument] = {}
        self._horizon = horizon
        self._past = _Past(start.account, start.merged, facts, before)

    def run(self, steps: Sequence[tuple[Command, int]]) -> None:
        """Decide all of it. Raises the refusal of what would have been refused."""
        for command, number in steps:
            self._wait(command.occurred_at)
            # Lots keep the number of the entry that made them.
            self.state.version = number - 1
            try:
                self.numbers[command.operation] = self._step(command)
            except LedgerError:
                if not isinstance(command, _MAY_FAIL):
                    raise
        self._wait(self._horizon)

    def _wait(self, until: datetime) -> None:
        while (due := next_due(self.state, until)) is not None:
            self._step(due)

    def _step(self, command: Command) -> EntryDocument:
        entry, self.state = advance_by(self.state, command, command.occurred_at, self._past, "-")
        self.entries.append(entry)
        self._past.add(entry)
        return entry


class _Late:
    """Works one late command out: what is against what would have been."""

    def __init__(
        self, state: State, command: Command, now: datetime, facts: Facts, history: Sequence[EntryDocument]
    ) -> None:
        self._state = state
        self._command = command
        self._now = now
        self._facts = facts
        self._history = history

    def draft(self) -> Draft | None:
        """The whole difference as one entry. Raises the refusal of what would have been refused."""
        state, command = self._state, self._command
        again = _again(state.account, self._history, command.occurred_at)
        if again is None:
            return None
        start, steps = again
        if len(steps) > MANY_SINCE:
            return None
        before, since = self._history[: start.version], self._history[start.version :]
        place = bisect_right([step[0].occurred_at for step in steps], command.occurred_at)
        steps.insert(place, (command, state.version + 1))
        replay = _Replay(start, self._facts, before, state.latest_at or command.occurred_at)
        replay.run(steps)
        own = replay.numbers.get(command.operation)
        if own is None:
            return None
        draft = Draft(state, command)
        draft.tidy = True
        draft.request, draft.of = own["request"], own.get("of")
        if isinstance(command, Migrate):
            draft.request["lots"] = [dataclasses.asdict(lot) for lot in command.lots]
        elif isinstance(command, TransferIn):
            draft.request["lots"] = list(command.lots)
        draft.swallowed, draft.forgiven = own.get("swallowed", 0), own.get("forgiven", 0)
        draft.lifetime = replay.state.lifetime - state.lifetime
        months = {*replay.state.qualifying, *state.qualifying}
        draft.count({m: replay.state.qualifying.get(m, 0) - state.qualifying.get(m, 0) for m in sorted(months)})
        lapsed = self._lapsed(since, [entry for entry in replay.entries if entry is not own])
        if lapsed is None:
            return None
        system = _posted(replay.entries)
        system.subtract(_posted(since))
        target = dict(replay.state.parcels)
        kept: list[Movement] = []
        for parcel in lapsed:
            if parcel["points"] > 0 and not replay.state.deficit and _leave(target, parcel):
                # What has lapsed meanwhile lapses next, with an entry of its own that says so.
                system["expired"] -= parcel["points"]
            else:
                kept.append(parcel)
        for movement in _difference(state.parcels, target):
            draft.shift(movement)
        draft.owe(replay.state.deficit - state.deficit)
        for name in sorted(system):
            draft.post(name, system[name])
        draft.corrections = self._corrections(draft, own, since, replay, kept)
        return draft

    def _lapsed(self, since: Sequence[EntryDocument], again: Sequence[EntryDocument]) -> list[Movement] | None:
        """What lapses more (+) or less (-) of each lot, with the lot's dates; None when those are not known."""
        change: Counter[str] = Counter()
        for sign, entries in ((-1, since), (1, again)):
            for entry in entries:
                for lot, points in lapses(entry).items():
                    change[lot] += sign * points
        was, now = _dated(self._history), _dated(again)
        dated = {**was, **now}
        changed = {lot: points for lot, points in sorted(change.items()) if points or _redated(was, now, lot)}
        for lot in changed.keys() - dated.keys():
            # What a return let lapse less is said of the whole operation, whose lots may be several.
            one = next((parcel for name, parcel in dated.items() if is_lot_of(lot, name)), None)
            if one is None:
                return None
            dated[lot] = {**one, "lot": lot, "expires_at": None}
        return [_active(dated[lot], points) for lot, points in changed.items()]

    def _corrections(
        self,
        draft: Draft,
        own: EntryDocument,
        since: Sequence[EntryDocument],
        replay: _Replay,
        lapsed: list[Movement],
    ) -> Corrections | None:
        """What of the draft is not the command's own."""
        pieces: list[Pieces] = []
        for entry in since:
            again = replay.numbers.get(entry["operation"])
            if entry["kind"] not in _SPENDS or again is None:
                continue
            spent = spent_by(again)
            if _sums(spent) != _sums(spent_by(entry, self._history)):
                pieces.append({"operation": entry["operation"], "pieces": spent})
        others = draft.postings()
        others.subtract({str(name): int(change) for name, change in own["postings"]})
        elsewhere: list[list[str | int]] = [[name, change] for name, change in sorted(others.items()) if change]
        if not pieces and not lapsed and not elsewhere and _sums(draft.movements) == _sums(own["movements"]):
            return None
        if own["kind"] in _SPENDS:
            pieces.append({"operation": own["operation"], "pieces": spent_by(own)})
        return {
            "postings": elsewhere,
            "lifetime": draft.lifetime - own.get("lifetime", 0),
            "pieces": pieces,
            "lapsed": lapsed,
        }


def _posted(entries: Sequence[EntryDocument]) -> Counter[Any]:
    """What entries posted to the programme's own accounts."""
    sums: Counter[Any] = Counter()
    for entry in entries:
        for name, change in entry["postings"]:
            if name not in ("active", "pending", "reserved", "deficit"):
                sums[name] += int(change)
    return sums


def _dated(entries: Iterable[EntryDocument]) -> dict[str, Movement]:
    """The lots that expired, as they were when they did."""
    dated: dict[str, Movement] = {}
    for entry in entries:
        lapsed = entry["movements"] if entry["kind"] == "expire" else []
        corrected = entry["corrections"]["lapsed"] if "corrections" in entry else []
        dated.update({parcel["lot"]: parcel for parcel in (*lapsed, *corrected)})
    return dated


def _redated(was: dict[str, Movement], now: dict[str, Movement], lot: str) -> bool:
    return lot in was and lot in now and _active(was[lot], 0) != _active(now[lot], 0)


def _active(parcel: Movement, points: int) -> Movement:
    return {
        "place": "active",
        "lot": parcel["lot"],
        "points": points,
        "seq": parcel["seq"],
        "origin": parcel["origin"],
        "active_at": parcel["active_at"],
        "expires_at": parcel["expires_at"],
    }


def _leave(parcels: dict[ParcelKey, Movement], parcel: Movement) -> bool:
    """Let points stay active that have lapsed, unless their lot has another expiry now, or is none."""
    key: ParcelKey = ("active", parcel["lot"], "")
    present = parcels.get(key)
    if parcel["expires_at"] is None or (present is not None and present["expires_at"] != parcel["expires_at"]):
        return False
    parcels[key] = piece(parcel, parcel["points"] + (present["points"] if present else 0))
    return True


def _difference(before: dict[ParcelKey, Movement], after: dict[ParcelKey, Movement]) -> list[Movement]:
    """Movements from one to the other; those of no points only change dates."""
    movements = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        change = (new["points"] if new else 0) - (old["points"] if old else 0)
        if new is None and old is not None:
            movements.append(piece(old, change))
        elif new is not None and new != old:
            movements.append(piece(new, change))
    return movements


def _sums(movements: Sequence[Movement]) -> Counter[tuple[str, str, str, datetime | None]]:
    sums: Counter[tuple[str, str, str, datetime | None]] = Counter()
    for movement in movements:
        sums[(movement["place"], movement["lot"], movement.get("hold", ""), movement["expires_at"])] += movement[
            "points"
        ]
    return sums


def _explained(command: Command, draft: Draft) -> Command:
    """The command, whose reason says in words what else its lateness changed."""
    if draft.corrections is None:
        return command
    part: ReasonPart = {"kind": "NOTE", "text": "It arrived late: what came after it was counted again."}
    if change := posted(draft.corrections["postings"], "active"):
        part["points"] = change
    parts = [*command.reason.get("parts", ()), part]
    return dataclasses.replace(command, reason={**command.reason, "parts": parts})
