"""Group commit: many operations in one insert, any number of processes, no locks.

While a batch is on its way to the database, operations gather; the next batch takes them all. Two unique keys
(account + sequence, account + operation) decide every race, so a stale cache costs a retry and never a wrong answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from prometheus_client import Counter

from app.core.clock import Clock
from app.core.tasks import end
from app.ledger.batch import Operation, Plan, plan_account
from app.ledger.canonical import as_stored, request_digest
from app.ledger.errors import Busy, IdempotencyConflict, LedgerError, LedgerUnavailable, OperationVoided
from app.ledger.heads import HeadWriter
from app.ledger.history import read_facts
from app.ledger.limits import EngineLimits
from app.ledger.lines import Flight, Lines
from app.ledger.models import Command, EntryDocument, Void
from app.ledger.repository import Store, StoreUnavailable
from app.ledger.state import State, advance, from_head

_STEPS_TO_SEND: Final = 3
"""Turns of the loop from knowing that a plan may be written to its command being sent."""

_store_errors = Counter("stampbook_ledger_store_errors_total", "Commands whose outcome the database did not tell")
_log = structlog.get_logger("ledger")


class Engine:
    """Posts commands. One per process and database; correctness does not depend on there being one."""

    def __init__(self, store: Store, clock: Clock, limits: EngineLimits | None = None) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits or EngineLimits()
        self._waiting: dict[tuple[str, str], Operation] = {}
        self._lines = Lines(self._limits.chain)
        self._flying = 0
        self._pump_scheduled = False
        self._states: OrderedDict[str, State] = OrderedDict()
        self._answers: OrderedDict[tuple[str, str], EntryDocument] = OrderedDict()
        self._heads = HeadWriter(store, self._limits)
        self._quiet_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start writing heads and answering those who waited too long."""
        self._background = [
            asyncio.create_task(self._flush_loop(), name="ledger:heads"),
            asyncio.create_task(self._patience_loop(), name="ledger:patience"),
        ]

    async def stop(self) -> None:
        """Let what is in flight land, write the heads, refuse what still waits."""
        await end(*self._background)
        self._background = []
        self._lines.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.patience_seconds)
        for operation in list(self._waiting.values()):
            self._settle(operation, LedgerUnavailable())
        await self.flush()

    @property
    def waiting(self) -> int:
        """Operations that have no answer yet."""
        return len(self._waiting)

    @property
    def remembered(self) -> int:
        """Accounts in memory."""
        return len(self._states)

    def known(self, account: str) -> State | None:
        """What this process knows of an account: never newer than the truth, perhaps older."""
        return self._states.get(account)

    def learn(self, state: State) -> None:
        """Remember a state that was read with majority; an older one than we know is left aside."""
        known = self._states.get(state.account)
        if known is None or known.version < state.version:
            self._remember(state)

    async def apply(self, command: Command) -> EntryDocument:
        """Post a command once. A repeat of the same operation answers the stored entry.

        Raises the refusal (a LedgerError), IdempotencyConflict for the same operation with another body, Busy when too
        much waits, LedgerUnavailable when the database gave no answer in time (the outcome is then unknown, and the
        same operation may be sent again).
        """
        if not self._background:
            raise LedgerUnavailable
        command = as_stored(command)
        key = (command.account, command.operation)
        digest = request_digest(command)
        while True:
            if (stored := self._answers.get(key)) is not None:
                return _replay(stored, command, digest)
            operation = self._waiting.get(key)
            if operation is None:
                break
            if operation.done.cancelled():
                # Whoever asked went away; the operation goes on, and now somebody waits for it again.
                operation.done = asyncio.get_running_loop().create_future()
            pending = operation.done
            await asyncio.wait([pending])
            if operation.digest == digest and not pending.cancelled():
                return pending.result()
            # Another body under the same id: what became of it decides about this one.
        if len(self._waiting) >= self._limits.waiting:
            raise Busy
        loop = asyncio.get_running_loop()
        operation = Operation(command, digest, loop.create_future(), loop.time() + self._limits.patience_seconds)
        self._waiting[key] = operation
        self._lines.add(operation)
        self._wake()
        # A caller that goes away cancels its future only; the operation goes on, and a repeat will find its answer.
        return await operation.done

    async def flush(self) -> None:
        """Write all heads that changed; failing does no harm."""
        await self._heads.write_all()

    async def flush_accounts(self, accounts: Sequence[str]) -> None:
        """Write the heads of these accounts that changed; failing does no harm."""
        await self._heads.write(accounts)

    def refresh_head(self, state: State) -> None:
        """Have the stored head of an account written again."""
        self._heads.refresh(state)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _wake(self) -> None:
        if not self._pump_scheduled:
            self._pump_scheduled = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_scheduled = False
        # Half of what waits: while the database writes one flight, this process prepares the other.
        share = min(max(self._limits.least, (len(self._waiting) + 1) // 2), self._limits.batch)
        while (flight := self._lines.next(share, room=self._flying < self._limits.flights)) is not None:
            if flight.leader is None:
                self._flying += 1
            task = asyncio.get_running_loop().create_task(self._fly(flight))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fly(self, flight: Flight) -> None:
        again: list[Operation] = []
        pause = 0.0
        try:
            again = await self._commit(flight)
        except StoreUnavailable as error:
            # Nobody knows what was written: forget what we believed, and ask again under the same ids.
            for account in flight.operations:
                self._states.pop(account, None)
            again = flight.unanswered()
            pause = self._limits.retry_seconds
            self._complain(error, len(again))
        except Exception as error:
            _log.exception("ledger_flight_failed")
            for operation in flight.unanswered():
                self._settle(operation, error)
        finally:
            if flight.leader is None:
                self._flying -= 1
        self._lines.put_back(again)
        if pause:
            asyncio.get_running_loop().call_later(pause, self._land, list(flight.operations))
        else:
            self._land(flight.operations)

    def _complain(self, error: StoreUnavailable, operations: int) -> None:
        """Say that the database is away, once a second at most: retries are quick and many."""
        _store_errors.inc()
        if self._now() >= self._quiet_until:
            self._quiet_until = self._now() + 1.0
            _log.warning("ledger_store_unavailable", error=str(error)[:200], operations=operations)

    def _land(self, accounts: Iterable[str]) -> None:
        self._lines.land(accounts)
        self._wake()

    async def _commit(self, flight: Flight) -> list[Operation]:
        """Take a flight as far as one round of writes and reads goes; returns the operations that must fly again."""
        leader = flight.leader
        if leader is None:
            states = await self._load(list(flight.operations))
        else:
            states = {leader.account: leader.states[-1]}
        now = self._clock.now()
        plans = [
            plan_account(states[account], operations, now, {}) for account, operations in flight.operations.items()
        ]
        if leader is not None:
            # What was decided ahead holds only if the chain before it was written to its last entry.
            if leader.landed is None or not await leader.landed:
                return flight.unanswered()
            flight.leader = None
            self._flying += 1
        if any(plan.needs for plan in plans):
            plans = list(await asyncio.gather(*(self._inform(plan) for plan in plans)))
        if len(plans) == 1 and plans[0].entries:
            await self._lead(plans[0])
        else:
            await self._write(plans)
        doubtful = [plan for plan in plans if plan.doubtful]
        return await self._resolve(doubtful) if doubtful else []

    async def _lead(self, plan: Plan) -> None:
        """Write one account's entries, and let its next chain be decided meanwhile."""
        plan.landed = asyncio.get_running_loop().create_future()
        self._lines.lead(plan)
        self._wake()
        try:
            await self._write([plan])
        finally:
            self._lines.follow_no_more(plan)
            self._tell_follower(plan)

    @staticmethod
    def _tell_follower(plan: Plan) -> None:
        if plan.landed is not None and not plan.landed.done():
            plan.landed.set_result(plan.failed is None and plan.accepted == len(plan.entries))

    async def _load(self, accounts: Sequence[str]) -> dict[str, State]:
        states = {account: state for account in accounts if (state := self._states.get(account)) is not None}
        missing = [account for account in accounts if account not in states]
        if missing:
            for head in await self._store.get_heads(missing):
                state = from_head(head)
                states[head["_id"]] = state
                self.learn(state)
            for account in missing:
                states.setdefault(account, State(account))
        return states

    async def _inform(self, plan: Plan) -> Plan:
        """Decide again with the history that decisions asked for."""
        known: dict[str, list[EntryDocument]] = {}
        while plan.needs:
            state = plan.states[0]
            known.update(await read_facts(self._store, state, plan.needs))
            plan = plan_account(state, plan.operations, self._clock.now(), known)
        return plan

    async def _write(self, plans: Sequence[Plan]) -> None:
        """Append what was decided: single entries together, chains each on their own."""
        singles = [plan for plan in plans if len(plan.entries) == 1]
        chains = [plan for plan in plans if len(plan.entries) > 1]
        writes = [self._append_chain(plan) for plan in chains]
        if singles:
            writes.append(self._append_singles(singles))
        if len(writes) == 1:
            await writes[0]
        elif writes:
            outcomes = await asyncio.gather(*writes, return_exceptions=True)
            for outcome in outcomes:
                if outcome is not None:
                    raise outcome

    async def _append_singles(self, plans: Sequence[Plan]) -> None:
        for duplicate in await self._store.append([plan.entries[0] for plan in plans], ordered=False):
            plans[duplicate.index].accept(duplicate, 0)
        for plan in plans:
            if plan.failed is None:
                plan.accepted = 1
                self._believe(plan.states[1])
                if (owner := plan.owners[0]) is not None:
                    self._keep(owner, plan.entries[0])

    async def _append_chain(self, plan: Plan) -> None:
        duplicates = await self._store.append(plan.entries, ordered=True)
        first = duplicates[0] if duplicates else None
        plan.accept(first, first.index if first else len(plan.entries))
        if plan.accepted:
            self._believe(plan.verified_state)
        # Whoever decided ahead sends first, so that the database works while callers hear of this.
        self._tell_follower(plan)
        for _ in range(_STEPS_TO_SEND):
            await asyncio.sleep(0)
        for operation, entry in plan.answers():
            self._keep(operation, entry)

    async def _resolve(self, doubtful: Sequence[Plan]) -> list[Operation]:
        """Answer duplicates and refusals from the truth; returns what must be tried again on a fresher state."""
        lookups = [operation for plan in doubtful for operation in plan.lookups]
        stale = {plan.account: plan.verified_state.version for plan in doubtful if plan.needs_tail}
        refusing = any(plan.refused for plan in doubtful)
        stored, newer = await asyncio.gather(
            self._store.find([operation.key for operation in lookups]) if lookups else _nothing(),
            self._store.tail(stale, barrier=refusing) if stale else _nothing(),
        )
        found = {(entry["account"], entry["operation"]): entry for entry in (*stored, *newer)}
        moved = self._catch_up(doubtful, newer)
        again: list[Operation] = []
        for plan in doubtful:
            for operation in plan.operations:
                if operation.answered:
                    continue
                if (entry := found.get(operation.key)) is not None:
                    self._answer(operation, entry)
                elif plan.account not in moved and (refusal := plan.final_refusal(operation)) is not None:
                    self._settle(operation, refusal)
                else:
                    again.append(operation)
        return again

    def _catch_up(self, plans: Sequence[Plan], newer: Sequence[EntryDocument]) -> set[str]:
        """Fold what others wrote into what we know; returns the accounts that had moved on."""
        states = {plan.account: plan.verified_state for plan in plans}
        moved = set()
        for entry in newer:
            state = advance(states[entry["account"]], [entry])
            if state is not states[entry["account"]]:
                states[entry["account"]] = state
                moved.add(entry["account"])
        for account in moved:
            self.learn(states[account])
        return moved

    def _answer(self, operation: Operation, entry: EntryDocument) -> None:
        try:
            answer = _replay(entry, operation.command, operation.digest)
        except LedgerError as conflict:
            self._settle(operation, conflict)
            return
        self._keep(operation, answer)

    def _keep(self, operation: Operation, entry: EntryDocument) -> None:
        """Answer with the operation's own entry, and remember it for repeats."""
        self._answers[operation.key] = entry
        if len(self._answers) > self._limits.answers:
            self._answers.popitem(last=False)
        self._leave(operation)
        if not operation.done.done():
            operation.done.set_result(entry)

    def _settle(self, operation: Operation, error: BaseException) -> None:
        """Answer with an error."""
        self._leave(operation)
        if not operation.done.done():
            operation.done.set_exception(error)
            # Whoever asked may be gone; that is no reason to complain about an error nobody fetched.
            operation.done.exception()

    def _leave(self, operation: Operation) -> None:
        operation.answered = True
        if self._waiting.get(operation.key) is operation:
            del self._waiting[operation.key]

    def _believe(self, state: State) -> None:
        """Remember what our own entries made of an account."""
        self._remember(state)
        self._heads.note(state)

    def _remember(self, state: State) -> None:
        self._states[state.account] = state
        self._states.move_to_end(state.account)
        if len(self._states) > self._limits.states:
            self._states.popitem(last=False)

    async def _flush_loop(self) -> None:
        while True:
            await asyncio.sleep(self._limits.flush_seconds)
            await self._heads.write_due()

    async def _patience_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.1)
            now = loop.time()
            for operation in [each for each in self._waiting.values() if each.deadline <= now]:
                self._give_up(operation)

    def _give_up(self, operation: Operation) -> None:
        """Answer "unknown"; what has not left yet is not sent any more."""
        self._lines.leave(operation)
        self._settle(operation, LedgerUnavailable())


def _replay(stored: EntryDocument, command: Command, digest: str) -> EntryDocument:
    """The answer to an operation that is already stored. Raises IdempotencyConflict, OperationVoided."""
    if stored["digest"] == digest or isinstance(command, Void):
        return stored
    if stored["kind"] == "void":
        raise OperationVoided(command.operation)
    raise IdempotencyConflict(stored)


async def _nothing() -> list[EntryDocument]:
    return []
