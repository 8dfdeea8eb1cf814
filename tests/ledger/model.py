"""A second opinion on the pure core: drives one account with arbitrary commands and checks every step.

Nothing here uses the ledger's own arithmetic to judge it: expectations come from the commands and from plain sums.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from app.ledger.canonical import GENESIS, chain_hash
from app.ledger.decide import advance_by, next_back, next_due, settle
from app.ledger.errors import InsufficientPoints, LedgerError
from app.ledger.facts import Facts, NeedFacts
from app.ledger.models import (
    Activate,
    Adjust,
    CancelPending,
    Capture,
    Command,
    Earn,
    EntryDocument,
    Expire,
    Extend,
    Hold,
    Migrate,
    Movement,
    Note,
    OpeningLot,
    Redeem,
    Reinstate,
    Release,
    Reverse,
    TakeBackExpiry,
    Void,
)
from app.ledger.pairs import TransferIn, TransferOut
from app.ledger.state import State, expiry_order, fold, to_balance, to_head
from tests.ledger.commands import DAY, START, make

T = TypeVar("T")

_FAR = datetime.max.replace(tzinfo=UTC)


class Violation(AssertionError):
    """An invariant that did not hold; not a plain assert, so that it is never optimised away or mistaken."""


def require(holds: bool, what: str) -> None:
    """Raise Violation with the words unless it holds."""
    if not holds:
        raise Violation(what)


class Model:
    """One account, the commands it was given, and what must be true after each."""

    def __init__(self) -> None:
        self.state = State("mbr_ada")
        self.entries: list[EntryDocument] = []
        self.now = START
        self.number = 0
        self.totals: Counter[str] = Counter()
        self.resolved: set[str] = set()
        self.undone: dict[str, int] = {}
        self.spent: dict[str, int] = {}
        self.earned: dict[str, int] = {}
        self.months: Counter[str] = Counter()
        self.month_points: dict[str, int] = {}
        self.open_holds: dict[str, int] = {}
        self.open_pending: dict[str, int] = {}

    def wait(self, days: int) -> None:
        """Let time pass; what it does is posted now and must be what a reader would have seen without that."""
        self.now += timedelta(days=days)
        seen, _ = settle(self.state, self.now)
        while (command := next_due(self.state, self.now)) is not None:
            self._apply(command)
        require(seen.active == self.state.active, "reading ahead of the jobs showed another balance")
        for parcel in self.state.parcels.values():
            if parcel["place"] == "active":
                require((parcel["expires_at"] or _FAR) > self.now, "an expired lot is still active")
            if parcel["place"] == "held":
                require(parcel.get("until", _FAR) > self.now, "a lapsed hold is still held")

    def do(self, choice: int, points: int, pick: int, option: int) -> None:
        """One command made from four numbers; a refusal must have changed nothing."""
        self.number += 1
        build = _BUILDERS[choice % len(_BUILDERS)]
        command = build(self, f"op{self.number}", points, pick, option)
        if command is None:
            return
        self.wait(0)
        try:
            while (back := self._back(command)) is not None:
                self._apply(back)
            self._apply(command)
        except InsufficientPoints as refusal:
            require(refusal.wanted > self.state.active == refusal.active, "refused although there were enough points")
        except LedgerError:
            pass

    def _apply(self, command: Command) -> None:
        entry, after = self._decide(command)
        before, self.state = self.state, after
        self.entries.append(entry)
        require(to_head(fold(before, entry)) == to_head(after), "fold and decision disagree")
        self._check_entry(before, entry)
        self._check_state(entry)
        self._check_meaning(before, command, entry)

    def _back(self, command: Command) -> Command | None:
        return self._with_facts(lambda facts: next_back(self.state, command, facts))

    def _decide(self, command: Command) -> tuple[EntryDocument, State]:
        return self._with_facts(lambda facts: advance_by(self.state, command, self.now, facts))

    def _with_facts(self, decide: Callable[[Facts], T]) -> T:
        known: dict[str, list[EntryDocument]] = {}
        while True:
            try:
                return decide(Facts(known))
            except NeedFacts as need:
                for name in need.names:
                    known[name] = [e for e in self.entries if e["operation"] == name or e.get("of") == name]

    def refold(self) -> None:
        """Everything again from the entries alone."""
        state = State(self.state.account)
        for entry in self.entries:
            state = fold(state, entry)
        require(to_head(state) == to_head(self.state), "folding all entries gives another state")
        require(sum(self.totals.values()) == 0, "the books do not sum to zero")

    def _check_entry(self, before: State, entry: EntryDocument) -> None:
        postings = {str(name): int(change) for name, change in entry["postings"]}
        require(sum(postings.values()) == 0, "postings do not sum to zero")
        require(entry["seq"] == before.version + 1, "versions are not contiguous")
        require(entry["balance"] == before.active + entry["points"], "running balance is wrong")
        for place, name in (("active", "active"), ("pending", "pending"), ("held", "reserved")):
            moved = sum(m["points"] for m in entry["movements"] if m["place"] == place)
            require(moved == postings.get(name, 0), f"movements and postings of {name} differ")
        require(entry["points"] == postings.get("active", 0), "points are not the active posting")
        require(entry["previous"] == (self.entries[-2]["hash"] if len(self.entries) > 1 else GENESIS), "chain broken")
        require(entry["hash"] == chain_hash(entry), "hash is wrong")
        self.totals.update(postings)

    def _check_state(self, entry: EntryDocument) -> None:
        state = self.state
        sums: Counter[str] = Counter()
        for parcel in state.parcels.values():
            require(0 < parcel["points"] <= parcel["origin"], "a lot is empty, negative or above its origin")
            sums[parcel["place"]] += parcel["points"]
        require(sums["active"] == state.active == entry["balance"], "active is not the sum of the lots")
        require(sums["pending"] == state.pending, "pending is not the sum of the pending lots")
        require(sums["held"] == state.reserved, "reserved is not the sum of the holds")
        require(state.active >= 0 and state.deficit >= 0, "a figure is negative")
        require(not (state.deficit and state.active), "a deficit beside active points")
        own = state.active + state.pending + state.reserved - state.deficit
        system = sum(v for k, v in self.totals.items() if k not in ("active", "pending", "reserved", "deficit"))
        require(own + system == 0, "what was issued is not where it went")
        balance = to_balance(state)
        require(sum(lot.remaining for lot in balance.lots) == balance.active, "the balance shows other lots")

    def _check_meaning(self, before: State, command: Command, entry: EntryDocument) -> None:
        worth = _worth(self.state) - _worth(before)
        check = _MEANINGS.get(type(command))
        if check is not None:
            check(self, before, command, entry, worth)
        else:
            require(worth == 0, f"{entry['kind']} changed what the account is worth")
        require(dict(self.state.qualifying) == {m: p for m, p in self.months.items() if p}, "status points are wrong")

    def _earned(self, before: State, command: Earn, entry: EntryDocument, worth: int) -> None:
        require(worth == command.points, "an earn is not worth its points")
        self.earned[command.operation] = command.points
        if command.month and command.qualifying:
            self.months[command.month] += command.qualifying
        self.month_points[command.operation] = command.qualifying
        pending = self.state.pending - before.pending
        if pending:
            self.open_pending[command.operation] = command.points
        else:
            require(
                entry.get("swallowed", 0) == min(before.deficit, command.points), "the deficit was not repaid first"
            )

    def _spent(self, before: State, command: Redeem | TransferOut, entry: EntryDocument, worth: int) -> None:
        require(worth == -command.points, "spending is not worth its points")
        self._soonest_first(before, entry)
        self.spent[command.operation] = command.points

    def _soonest_first(self, before: State, entry: EntryDocument) -> None:
        taken = [m for m in entry["movements"] if m["place"] == "active" and m["points"] < 0]
        left = [p for p in self.state.parcels.values() if p["place"] == "active"]
        require(
            all(expiry_order(p) >= expiry_order(m) for p in left for m in taken),
            "a lot was spent before one that expires sooner",
        )
        del before

    def _held(self, before: State, command: Hold, entry: EntryDocument, worth: int) -> None:
        aside = sum(p["points"] for p in before.parcels.values() if p.get("hold") == f"late:{command.operation}")
        taken = before.active - self.state.active + aside
        require(worth == 0 and taken == command.points, "a hold did not set points aside")
        self._soonest_first(before, entry)
        self.open_holds[command.operation] = command.points

    def _captured(self, _before: State, command: Capture, entry: EntryDocument, worth: int) -> None:
        held = self.open_holds.pop(command.hold, None)
        require(held is not None, "a hold was resolved twice")
        points = (held or 0) if command.points is None else command.points
        require(worth == -points, "a capture is not worth what was captured")
        self.spent[entry["operation"]] = points
        self._hold_is_gone(command.hold)

    def _released(self, _before: State, command: Release, _entry: EntryDocument, worth: int) -> None:
        require(self.open_holds.pop(command.hold, None) is not None, "a hold was resolved twice")
        require(worth == 0, "a release changed what the account is worth")
        self._hold_is_gone(command.hold)

    def _hold_is_gone(self, hold: str) -> None:
        require(all(p.get("hold") != hold for p in self.state.parcels.values()), "a resolved hold still holds")

    def _activated(self, before: State, command: Activate, _entry: EntryDocument, worth: int) -> None:
        require(worth == 0, "activation changed what the account is worth")
        lot = before.parcels[("pending", command.of, "")]
        require(before.pending - self.state.pending == lot["points"], "activation left points pending")
        require(("pending", command.of, "") not in self.state.parcels, "an activated lot still waits")

    def _cancelled(self, before: State, command: CancelPending, _entry: EntryDocument, worth: int) -> None:
        lot = before.parcels[("pending", command.of, "")]
        require(worth == -lot["points"], "a cancellation is not worth what was pending")
        self.undone[command.of] = self.earned.get(command.of, 0)
        self.months[_MONTH] -= self.month_points.get(command.of, 0)
        self.month_points[command.of] = 0

    def _expired(self, before: State, command: Expire, entry: EntryDocument, worth: int) -> None:
        lot = before.parcels[("active", command.lot, "")]
        require((lot["expires_at"] or _FAR) <= entry["occurred_at"], "a lot expired too early")
        require(worth == -lot["points"], "an expiry is not worth what was left")
        require(("active", command.lot, "") not in self.state.parcels, "an expired lot still has points")

    def _reversed(self, before: State, command: Reverse, entry: EntryDocument, worth: int) -> None:
        postings = {str(name): int(change) for name, change in entry["postings"]}
        size = self.spent.get(entry["of"], self.earned.get(entry["of"], 0))
        wanted = size if command.points is None else command.points
        done = self.undone.get(entry["of"], 0)
        step = max(0, wanted - done)
        self.undone[entry["of"]] = max(wanted, done)
        if entry["of"] in self.spent:
            require(worth == step, "giving back is not worth what was still spent")
            for movement in entry["movements"]:
                self._same_dates(before, movement, entry["of"])
            return
        forgiven, lapsed = entry.get("forgiven", 0), -postings.get("expired", 0)
        require(worth == -(step - forgiven - lapsed), "taking back is not worth what was still kept")
        require(lapsed >= 0, "an expiry was invented")
        if command.policy == "unlimited":
            require(forgiven == 0, "points were let go although the policy makes them a deficit")
        else:
            require(self.state.deficit <= before.deficit, "a deficit against the policy")
        if command.policy == "only_pending":
            require(self.state.active == before.active, "active points were taken against the policy")
        self._takes_own_status(command, entry, size, wanted)

    def _takes_own_status(self, command: Reverse, entry: EntryDocument, size: int, wanted: int) -> None:
        whole = next((e.get("qualifying", {}) for e in self.entries if e["operation"] == entry["of"]), {})
        total = sum(whole.values())
        target = total if wanted == size else total * wanted // size if size else 0
        left = min(self.month_points.get(entry["of"], 0), total - target)
        self.months[_MONTH] -= self.month_points.get(entry["of"], 0) - left
        self.month_points[entry["of"]] = left
        del command

    def _same_dates(self, before: State, movement: Movement, of: str) -> None:
        original = next(e for e in self.entries if e["operation"] == of)
        present = before.parcels.get(("active", movement["lot"], ""))
        had = {m["expires_at"] for m in original["movements"] if m["lot"] == movement["lot"]}
        require(
            movement["expires_at"] in had or (present is not None and present["expires_at"] == movement["expires_at"]),
            "a lot came back with another expiry",
        )

    def _adjusted(self, before: State, command: Adjust, entry: EntryDocument, worth: int) -> None:
        require(worth == command.points, "an adjustment is not worth its points")
        if command.points > 0:
            self.earned[command.operation] = command.points
        else:
            self.spent[command.operation] = -command.points
            self._soonest_first(before, entry)

    def _migrated(self, _before: State, command: Migrate, _entry: EntryDocument, worth: int) -> None:
        require(worth == sum(lot.points for lot in command.lots), "a migration is not worth its lots")
        self.earned[command.operation] = worth
        self.months.update(command.qualifying)
        self.month_points[command.operation] = sum(command.qualifying.values())

    def _came_in(self, _before: State, command: TransferIn, _entry: EntryDocument, worth: int) -> None:
        require(worth == sum(lot["points"] for lot in command.lots), "a transfer is not worth its lots")

    def _reinstated(self, _before: State, command: Reinstate, entry: EntryDocument, worth: int) -> None:
        lapsed = sum(
            int(change)
            for e in self.entries
            if e.get("of") == command.lot
            for name, change in e["postings"]
            if name == "expired"
        )
        require(worth > 0 and lapsed == 0, "a reinstatement did not bring back exactly what expired")
        del entry

    def _taken_back(self, before: State, command: TakeBackExpiry, entry: EntryDocument, worth: int) -> None:
        require(before.active == self.state.active, "an expiry that was taken back showed up as active points")
        require(command.until > entry["occurred_at"], "an expiry was taken back for something after it")
        lapsed = sum(
            int(change)
            for e in self.entries
            if e.get("of") == command.lot
            for name, change in e["postings"]
            if name == "expired"
        )
        require(worth == command.points > 0 and lapsed >= 0, "more was taken back than had expired")


_MONTH = "2026-03"


def _worth(state: State) -> int:
    return state.active + state.pending + state.reserved - state.deficit


def _some(names: list[str], pick: int) -> str:
    return names[pick % len(names)] if names else "nothing"


def _earn(model: Model, name: str, points: int, pick: int, option: int) -> Command:
    expires = None if option % 4 == 0 else model.now + DAY * (5 + pick % 40)
    active_at = model.now + DAY * (1 + pick % 4) if option % 5 == 1 else None
    return make(
        Earn,
        name,
        at=model.now,
        points=points,
        qualifying=points // 2,
        month=_MONTH,
        expires_at=expires,
        active_at=active_at,
        awaits="delivery" if option % 5 == 2 else None,
    )


def _all_operations(model: Model) -> list[str]:
    return [e["operation"] for e in model.entries if e["kind"] in ("earn", "redeem", "capture", "adjust", "migrate")]


def _reverse(model: Model, name: str, points: int, pick: int, option: int) -> Command:
    of = _some(_all_operations(model), pick)
    total = None if option % 3 == 0 else points
    policies = ("unlimited", "unlimited", "within_balance", "only_pending")
    return make(Reverse, name, at=_late(model, pick, option + 1), of=of, points=total, policy=policies[option % 4])


def _of_pending(kind: type[Any]) -> Callable[[Model, str, int, int, int], Command]:
    def build(model: Model, name: str, points: int, pick: int, option: int) -> Command:
        del points, option
        command: Command = make(kind, name, at=model.now, of=_some(list(model.open_pending), pick))
        return command

    return build


def _capture(model: Model, name: str, points: int, pick: int, option: int) -> Command:
    part = None if option % 2 else points
    return make(Capture, name, at=model.now, hold=_some(list(model.open_holds), pick), points=part)


def _lots(model: Model) -> list[str]:
    return [parcel["lot"] for parcel in model.state.parcels.values()]


def _extend(model: Model, name: str, _points: int, pick: int, option: int) -> Command:
    lot = None if option % 3 == 0 else _some(_lots(model), pick)
    return make(Extend, name, at=model.now, lot=lot, expires_at=model.now + DAY * (20 + pick % 60))


def _reinstate(model: Model, name: str, _points: int, pick: int, _option: int) -> Command:
    expired = [e["of"] for e in model.entries if e["kind"] == "expire"]
    return make(Reinstate, name, at=model.now, lot=_some(expired, pick), expires_at=model.now + DAY * 9)


def _migrate(model: Model, name: str, points: int, pick: int, option: int) -> Command:
    lots = tuple(
        OpeningLot(points=points + n, expires_at=model.now + DAY * (3 + pick % 30 + n)) for n in range(1 + option % 3)
    )
    return make(Migrate, name, at=model.now, lots=lots, qualifying={_MONTH: points} if option % 2 else {})


def _transfer_in(model: Model, name: str, points: int, _pick: int, _option: int) -> Command:
    lot: Movement = {
        "place": "active",
        "lot": "elsewhere",
        "points": points,
        "seq": 1,
        "origin": points,
        "active_at": model.now,
        "expires_at": model.now + DAY * 12,
    }
    return make(TransferIn, name, at=model.now, source="mbr_bob", lots=(lot,))


def _late(model: Model, pick: int, option: int) -> datetime:
    """Mostly now, sometimes days ago: the till was offline."""
    return model.now - DAY * (pick % 12) if option % 5 == 3 else model.now


_BUILDERS: list[Callable[[Model, str, int, int, int], Command | None]] = [
    _earn,
    _earn,
    lambda m, n, p, k, o: make(Redeem, n, at=_late(m, k, o), points=p),
    lambda m, n, p, k, o: make(
        Hold, n, at=_late(m, k, o), points=p, until=m.now + DAY * (1 + k % 6) if o % 2 else None
    ),
    _capture,
    lambda m, n, _p, k, _o: make(Release, n, at=m.now, hold=_some(list(m.open_holds), k)),
    _reverse,
    _reverse,
    _of_pending(Activate),
    _of_pending(CancelPending),
    lambda m, n, p, _k, o: make(Adjust, n, at=m.now, points=p if o % 2 else -p),
    lambda m, n, _p, k, _o: make(Expire, n, at=m.now, lot=_some(_lots(m), k)),
    _extend,
    _reinstate,
    _migrate,
    lambda m, n, p, *_: make(TransferOut, n, at=m.now, to="mbr_bob", points=p),
    _transfer_in,
    lambda m, n, *_: make(Void, n, at=m.now),
    lambda m, n, *_: make(Note, n, at=m.now),
]
CHOICES = len(_BUILDERS)

_MEANINGS: dict[type[Command], Callable[[Model, State, Any, EntryDocument, int], None]] = {
    Earn: Model._earned,
    Redeem: Model._spent,
    TransferOut: Model._spent,
    Hold: Model._held,
    Capture: Model._captured,
    Release: Model._released,
    Activate: Model._activated,
    CancelPending: Model._cancelled,
    Expire: Model._expired,
    Reverse: Model._reversed,
    Adjust: Model._adjusted,
    Migrate: Model._migrated,
    TransferIn: Model._came_in,
    Reinstate: Model._reinstated,
    TakeBackExpiry: Model._taken_back,
}


def walk(rng: Random, steps: int) -> Model:
    """A random walk over all commands, with time passing now and then."""
    model = Model()
    for _ in range(steps):
        if rng.random() < 0.15:
            model.wait(rng.randrange(12))
        else:
            model.do(rng.randrange(CHOICES), rng.randint(1, 120), rng.randrange(40), rng.randrange(20))
    model.refold()
    return model
