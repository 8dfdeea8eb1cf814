"""Two accounts under arbitrary commands, merged and unmerged in between: nothing appears, nothing is lost.

A machine of its own: the other one judges each command by names of lots, which a merge changes.
"""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from app.ledger.decide import advance_by, next_due
from app.ledger.errors import LedgerError
from app.ledger.facts import Facts, NeedFacts
from app.ledger.merging import merged_figures, unmerged_figures
from app.ledger.models import Command, Earn, EntryDocument, Hold, Redeem, Release, Reverse
from app.ledger.pairs import MergeIn, MergeOut, UnmergeIn, UnmergeOut
from app.ledger.state import State, fold, to_head
from tests.ledger.commands import DAY, START, make
from tests.ledger.model import Model, require
from tests.ledger.test_core_machine import SOAK

_SURVIVOR, _SOURCE = "mbr_ada", "mbr_bob"


class Pair:
    """Both accounts, and the merge that is in force."""

    def __init__(self) -> None:
        self.halves = {name: Model() for name in (_SURVIVOR, _SOURCE)}
        for name, half in self.halves.items():
            half.state = State(name)
        self.now = START
        self.number = 0
        self.merge: str | None = None

    def name(self) -> str:
        self.number += 1
        return f"op{self.number}"

    def post(self, command: Command) -> EntryDocument:
        half = self.halves[command.account]
        entry, after = self._decide(half.state, command)
        before, half.state = half.state, after
        half.entries.append(entry)
        require(to_head(fold(before, entry)) == to_head(after), "fold and decision disagree")
        half._check_entry(before, entry)
        half._check_state(entry)
        return entry

    def _decide(self, state: State, command: Command) -> tuple[EntryDocument, State]:
        known: dict[str, list[EntryDocument]] = {}
        while True:
            try:
                return advance_by(state, command, self.now, Facts(known))
            except NeedFacts as need:
                known |= {name: self._about(state, name) for name in need.names}

    def _about(self, state: State, name: str) -> list[EntryDocument]:
        entries = [entry for account in (state.account, *state.merged) for entry in self.halves[account].entries]
        return [entry for entry in entries if entry["operation"] == name or entry.get("of") == name]

    def settle(self) -> None:
        for half in self.halves.values():
            while (command := next_due(half.state, self.now)) is not None:
                self.post(command)

    def totals(self) -> tuple[int, int, dict[str, int]]:
        """What both have together: worth, lifetime points, status points."""
        states = [half.state for half in self.halves.values()]
        worth = sum(state.active + state.pending + state.reserved - state.deficit for state in states)
        status: dict[str, int] = {}
        for state in states:
            for month, points in state.qualifying.items():
                status[month] = status.get(month, 0) + points
        return worth, sum(state.lifetime for state in states), status

    def figures(self) -> list[tuple[int, ...]]:
        states = [half.state for half in self.halves.values()]
        return [(s.active, s.pending, s.reserved, s.deficit, s.lifetime, sum(s.qualifying.values())) for s in states]


class MergedAccounts(RuleBasedStateMachine):
    """Earn, spend, reserve, release and take back on either account; merge and unmerge whenever that is possible."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    @rule(
        steps=st.lists(
            st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 90), st.integers(0, 30)), min_size=1, max_size=6
        )
    )
    def commands(self, steps: list[tuple[int, bool, int, int]]) -> None:
        for choice, other, points, pick in steps:
            self.pair.settle()
            account = _SOURCE if other and self.pair.merge is None else _SURVIVOR
            command = _BUILDERS[choice](self.pair, account, points, pick)
            try:
                self.pair.post(command)
            except LedgerError:
                # A refusal changes nothing: the next step starts from the same state.
                continue

    @rule(days=st.integers(0, 12))
    def time(self, days: int) -> None:
        self.pair.now += DAY * days
        self.pair.settle()

    @precondition(lambda self: self.pair.merge is None)
    @rule(undo_at_once=st.booleans())
    def merge(self, undo_at_once: bool) -> None:
        pair, operation = self.pair, self.pair.name()
        pair.settle()
        before, figures = pair.totals(), pair.figures()
        out = pair.post(make(MergeOut, operation, account=_SOURCE, at=pair.now, to=_SURVIVOR))
        pair.post(make(MergeIn, operation, account=_SURVIVOR, at=pair.now, source=_SOURCE, figures=merged_figures(out)))
        pair.merge = operation
        left = pair.halves[_SOURCE].state
        require(pair.totals() == before, "a merge changed what both have together")
        require(not left.parcels and not left.deficit and not left.lifetime, "a merge left something behind")
        if undo_at_once:
            self.unmerge()
            require(pair.figures() == figures, "an unmerge right after the merge does not bring back what was")

    @precondition(lambda self: self.pair.merge is not None)
    @rule()
    def unmerge(self) -> None:
        pair, operation = self.pair, self.pair.name()
        pair.settle()
        before = pair.totals()
        out = pair.post(
            make(UnmergeOut, operation, account=_SURVIVOR, at=pair.now, source=_SOURCE, of=pair.merge or "")
        )
        pair.post(
            make(UnmergeIn, operation, account=_SOURCE, at=pair.now, survivor=_SURVIVOR, figures=unmerged_figures(out))
        )
        pair.merge = None
        require(pair.totals() == before, "an unmerge changed what both have together")
        kept = pair.halves[_SURVIVOR].state.parcels.values()
        require(not any(p["lot"].startswith(f"{_SOURCE}/") for p in kept), "an unmerge kept a lot of the other account")

    def teardown(self) -> None:
        halves = self.pair.halves.values()
        require(sum(half.totals["merged"] for half in halves) == 0, "points got lost between the accounts")
        for half in halves:
            half.refold()


def _earn(pair: Pair, account: str, points: int, pick: int) -> Command:
    return make(
        Earn,
        pair.name(),
        account=account,
        at=pair.now,
        points=points,
        qualifying=points,
        month="2026-03",
        active_at=pair.now + DAY * (pick % 4) if pick % 3 else None,
        expires_at=pair.now + DAY * (5 + pick) if pick % 5 else None,
    )


def _spend(kind: type[Redeem] | type[Hold]) -> Callable[[Pair, str, int, int], Command]:
    return lambda pair, account, points, _pick: make(kind, pair.name(), account=account, at=pair.now, points=points)


def _some(pair: Pair, account: str, kinds: tuple[str, ...], pick: int) -> str:
    accounts = (account, *pair.halves[account].state.merged)
    found = [e["operation"] for name in accounts for e in pair.halves[name].entries if e["kind"] in kinds]
    return found[pick % len(found)] if found else "nothing"


def _release(pair: Pair, account: str, _points: int, pick: int) -> Command:
    return make(Release, pair.name(), account=account, at=pair.now, hold=_some(pair, account, ("hold",), pick))


def _reverse(pair: Pair, account: str, points: int, pick: int) -> Command:
    of = _some(pair, account, ("earn", "redeem"), pick)
    return make(Reverse, pair.name(), account=account, at=pair.now, of=of, points=points if pick % 2 else None)


_BUILDERS: list[Callable[[Pair, str, int, int], Command]] = [
    _earn,
    _earn,
    _spend(Redeem),
    _spend(Hold),
    _release,
    _reverse,
]

MergedAccounts.TestCase.settings = settings(
    max_examples=20_000 if SOAK else 400,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestMergedAccounts = MergedAccounts.TestCase
