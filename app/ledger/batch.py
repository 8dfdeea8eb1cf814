"""One account's part of a flight: what was decided on which state, and what became of it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from app.ledger.decide import advance_by, next_back, next_due
from app.ledger.errors import LedgerError
from app.ledger.facts import Facts, NeedFacts, relates
from app.ledger.models import Command, EntryDocument, Reverse
from app.ledger.replay import in_order
from app.ledger.repository import Duplicate
from app.ledger.state import State

_NOTHING_KNOWN: Final = Facts()


class Operation:
    """A command on its way, with everyone who waits for it."""

    __slots__ = ("answered", "command", "deadline", "digest", "done", "key")

    def __init__(self, command: Command, digest: str, done: "asyncio.Future[EntryDocument]", deadline: float) -> None:
        self.command = command
        self.key = (command.account, command.operation)
        self.digest = digest
        self.done = done
        self.deadline = deadline
        self.answered = False


class Plan:
    """The entries decided for one account in a row, and the refusals in between.

    `states[i]` is the state before `entries[i]`. Entries without an operation say what time has done. Whoever decides
    further on the last of the states waits for `landed`: whether all entries were written.
    """

    __slots__ = ("accepted", "entries", "failed", "landed", "needs", "operations", "owners", "refusals", "states")

    def __init__(self, state: State, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.states = [state]
        self.entries: list[EntryDocument] = []
        self.owners: list[Operation | None] = []
        self.refusals: dict[Operation, tuple[Exception, int]] = {}
        self.needs: list[str] = []
        self.accepted = 0
        self.failed: Duplicate | None = None
        self.landed: asyncio.Future[bool] | None = None

    @property
    def account(self) -> str:
        """Whose plan it is."""
        return self.states[0].account

    @property
    def verified_state(self) -> State:
        """The state after the entries that were accepted."""
        return self.states[self.accepted]

    @property
    def refused(self) -> bool:
        """Whether an operation was refused."""
        return bool(self.refusals)

    @property
    def doubtful(self) -> bool:
        """Whether the truth must be asked: an entry met a duplicate, or an operation was refused."""
        return self.failed is not None or bool(self.refusals)

    @property
    def needs_tail(self) -> bool:
        """Whether the state itself is in doubt: our next number was taken, or nothing we wrote has proved it."""
        if self.failed is not None and self.failed.key == "sequence":
            return True
        return self.refused and not self.accepted

    @property
    def lookups(self) -> list[Operation]:
        """Operations that may have been applied before."""
        found = list(self.refusals)
        if self.failed is not None and (owner := self.owners[self.accepted]) is not None:
            found.append(owner)
        return found

    def add(self, entry: EntryDocument, after: State, owner: Operation | None) -> None:
        """Append a decided entry."""
        self.entries.append(entry)
        self.owners.append(owner)
        self.states.append(after)

    def accept(self, failed: Duplicate | None, accepted: int) -> None:
        """Note how many entries were written, and what stopped the rest."""
        self.failed = failed
        self.accepted = accepted

    def answers(self) -> Iterator[tuple[Operation, EntryDocument]]:
        """The operations whose entries were written."""
        for owner, entry in zip(self.owners[: self.accepted], self.entries, strict=False):
            if owner is not None:
                yield owner, entry

    def final_refusal(self, operation: Operation) -> Exception | None:
        """The refusal of an operation, if the state that it was decided on is the true one."""
        refusal = self.refusals.get(operation)
        if refusal is None or refusal[1] > self.accepted:
            return None
        if self.failed is not None and self.failed.key == "sequence":
            return None
        return refusal[0]


def plan_account(
    state: State, operations: Sequence[Operation], now: datetime, known: Mapping[str, Sequence[EntryDocument]]
) -> Plan:
    """Decide operations one after the other, saying first what time has done by when each of them happened.

    When a decision needs history that is not in `known`, the plan's `needs` name it and the rest is left undone.
    """
    plan = Plan(state, operations)
    for operation in operations:
        if operation.answered:
            continue
        command = operation.command
        try:
            while (due := next_due(plan.states[-1], command.occurred_at)) is not None:
                plan.add(*advance_by(plan.states[-1], due, now), None)
            facts = _with_plan(known, plan.entries)
            if steps := in_order(plan.states[-1], command, now, facts, operation.digest):
                for entry, after in steps:
                    plan.add(entry, after, operation if entry["operation"] == command.operation else None)
                continue
            while (back := next_back(plan.states[-1], command, facts)) is not None:
                plan.add(*advance_by(plan.states[-1], back, now, facts), None)
                facts = _with_plan(known, plan.entries)
            plan.add(*advance_by(plan.states[-1], command, now, facts, operation.digest), operation)
        except NeedFacts as need:
            reversed_here = [each.command.of for each in operations if isinstance(each.command, Reverse)]
            plan.needs = sorted({*need.names, *reversed_here} - known.keys())
            return plan
        except LedgerError as refusal:
            plan.refusals[operation] = (refusal, len(plan.entries))
        except Exception as bug:
            plan.refusals[operation] = (bug, len(plan.entries))
    return plan


def _with_plan(known: Mapping[str, Sequence[EntryDocument]], entries: Sequence[EntryDocument]) -> Facts:
    """History, and what this very plan is about to add to it."""
    if not known:
        return _NOTHING_KNOWN
    if not entries:
        return Facts(known)
    return Facts(
        {name: [*stored, *(entry for entry in entries if relates(entry, name))] for name, stored in known.items()}
    )
