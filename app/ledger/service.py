"""The ledger as other features use it."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from app.core.clock import Clock
from app.core.database import Database
from app.core.tasks import end
from app.ledger.batch import Operation, plan_account
from app.ledger.canonical import as_stored, request_digest
from app.ledger.decide import next_due, settle
from app.ledger.engine import Engine
from app.ledger.errors import LedgerError, LedgerUnavailable
from app.ledger.history import read_facts
from app.ledger.limits import EngineLimits
from app.ledger.models import Balance, Command, EntryDocument, Reason
from app.ledger.replay import as_it_was
from app.ledger.repository import LedgerRepository, StoreUnavailable
from app.ledger.sagas import Sagas
from app.ledger.state import State, advance, from_head, to_balance
from app.ledger.stock import Stock, StockLevel, stock_level
from app.ledger.validate import validate

_RECOVERED: Final = timedelta(minutes=2)
"""How far before the newest entry a start looks: longer than a process leaves a head unwritten."""

_FEW: Final = 50
"""Accounts whose heads a start looks at in one read: members wait for the time that this takes."""

_AGAIN_SECONDS: Final = 1.0

_log = structlog.get_logger("ledger")


class Ledger:
    """Everything that moves a point in Stampbook goes through here; nothing else writes entries.

    While the database is away, whatever needs it raises LedgerUnavailable within five seconds.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        limits: EngineLimits | None = None,
        repository: LedgerRepository | None = None,
    ) -> None:
        self._clock = clock
        self.repository = self._repository = repository or LedgerRepository(database)
        self._engine = Engine(self._repository, clock, limits)
        self.sagas = Sagas(self._repository, self._engine, clock)
        self.stock = Stock(self._engine, clock)
        self._recovery: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the engine's tasks; no command is taken before.

        Heads that a crash left behind are written again meanwhile: until then some are missing among what falls due.
        """
        await self._engine.start()
        self._recovery = asyncio.create_task(self._recover(), name="ledger:recovery")

    async def stop(self) -> None:
        """Let what is in flight land and end the engine's tasks."""
        if self._recovery is not None:
            await end(self._recovery)
        await self._engine.stop()

    @property
    def accounts_in_memory(self) -> int:
        """How many accounts the engine remembers; EngineLimits bounds it."""
        return self._engine.remembered

    @property
    def waiting(self) -> int:
        """Operations that have no answer yet."""
        return self._engine.waiting

    async def post(self, command: Command) -> EntryDocument:
        """Post a command once; a replay of the same (account, operation) answers the stored entry.

        Raises the LedgerError that says what is wrong: nothing was written then, except that after LedgerUnavailable
        it is not known, and the same command may be sent again.
        """
        validate(command, self._clock.now())
        return await self._engine.apply(command)

    async def balance(self, account: str) -> Balance:
        """What an account has now; zeros for an account without entries."""
        return (await self.balances([account]))[account]

    async def balances(self, accounts: Sequence[str]) -> dict[str, Balance]:
        """What each account has now, in one read."""
        now = self._clock.now()
        states = await self._current(accounts)
        return {account: to_balance(settle(state, now)[0]) for account, state in states.items()}

    async def entries(
        self, account: str, *, before: int | None = None, first: int = 20, kinds: Sequence[str] | None = None
    ) -> list[EntryDocument]:
        """Entries of an account, newest first; `before` is the sequence number to go on from."""
        with _said_plainly():
            return await self._repository.statement(account, before=before, first=first, kinds=kinds)

    async def chronicle(
        self, account: str, *, after: tuple[datetime, str] | None = None, first: int = 20
    ) -> list[EntryDocument]:
        """Entries of an account by when they happened, latest first; `after` is (occurred at, `_id`) to go on from."""
        return await self._repository.chronicle(account, after=after, first=first)

    async def entry(self, account: str, operation: str) -> EntryDocument | None:
        """The entry of one operation."""
        with _said_plainly():
            found = await self._repository.find([(account, operation)])
        return found[0] if found else None

    async def entry_by_id(self, entry_id: str) -> EntryDocument | None:
        """The entry with this `_id` ("<account>:<seq, 10 digits>")."""
        with _said_plainly():
            return await self._repository.by_id(entry_id)

    async def preview(self, command: Command) -> tuple[Balance, Balance]:
        """The balance before and after a command, without posting it. Raises what posting it would raise."""
        now = self._clock.now()
        validate(command, now)
        command = as_stored(command)
        state = (await self._current([command.account]))[command.account]
        done: asyncio.Future[EntryDocument] = asyncio.get_running_loop().create_future()
        operation = Operation(command, request_digest(command), done, 0.0)
        known: dict[str, list[EntryDocument]] = {}
        while (plan := plan_account(state, [operation], now, known)).needs:
            with _said_plainly():
                known.update(await read_facts(self._repository, state, plan.needs))
        for refusal, _ in plan.refusals.values():
            raise refusal
        before, _ = settle(state, now)
        after, _ = settle(plan.states[-1], now)
        return to_balance(before), to_balance(after)

    async def balance_as_of(self, account: str, at: datetime, known_at: datetime) -> Balance:
        """What an account had at `at`, as far as was known at `known_at`."""
        with _said_plainly():
            known = [e async for e in self._repository.history(account) if e["posted_at"] <= known_at]
        return to_balance(settle(as_it_was(account, known, at), at)[0])

    async def transfer(
        self, source: str, target: str, points: int, operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Move points, with their expiry, from one account to another; see Sagas.transfer."""
        return await self.sagas.transfer(source, target, points, operation, actor, reason)

    async def merge(
        self, survivor: str, merged: str, operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Move everything that `merged` has to `survivor`; see Sagas.merge."""
        return await self.sagas.merge(survivor, merged, operation, actor, reason)

    async def unmerge(
        self, survivor: str, merged: str, operation: str, merge_operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Undo the merge that was posted as `merge_operation`; see Sagas.unmerge."""
        return await self.sagas.unmerge(survivor, merged, operation, merge_operation, actor, reason)

    async def stock_put(self, reward: str, operation: str, units: int) -> EntryDocument:
        """Add units of a reward (negative: take unreserved ones away); see Stock.put."""
        return await self.stock.put(reward, operation, units)

    async def stock_reserve(self, reward: str, operation: str, units: int = 1) -> EntryDocument:
        """Set units of a reward aside under this operation. Raises OutOfStock."""
        return await self.stock.reserve(reward, operation, units)

    async def stock_confirm(self, reward: str, reservation: str) -> EntryDocument | None:
        """Hand reserved units out, once; see Stock.confirm."""
        return await self.stock.confirm(reward, reservation)

    async def stock_release(self, reward: str, reservation: str) -> EntryDocument | None:
        """Put reserved units back, once; see Stock.release."""
        return await self.stock.release(reward, reservation)

    async def stock_level(self, reward: str) -> StockLevel:
        """How many units of a reward there are."""
        return stock_level(await self.balance(reward))

    async def settle_due(self, limit: int = 500) -> int:
        """Post what time has done to accounts (activations, expiries, lapsed holds); returns how many it were."""
        accounts = await self._repository.due_accounts(self._clock.now(), limit)
        states = await self._current(accounts) if accounts else {}
        await asyncio.gather(*(self._settle_account(state) for state in states.values()))
        await self._engine.flush_accounts(accounts)
        return len(accounts)

    async def write_heads(self) -> None:
        """Write every head that lags now instead of little by little; failing does no harm."""
        await self._engine.flush()

    async def _settle_account(self, state: State) -> None:
        now = self._clock.now()
        while (command := next_due(state, now)) is not None:
            try:
                entry = await self._engine.apply(command)
            except LedgerError:
                # Somebody was faster; whatever is still due shows in the next round.
                return
            state = advance(state, [entry])
            if state.version < entry["seq"]:
                return
        self._engine.refresh_head(state)

    async def _recover(self) -> None:
        while True:
            try:
                await self._refresh_heads()
            except (PyMongoError, StoreUnavailable, LedgerUnavailable) as error:
                _log.warning("ledger_heads_not_recovered", error=str(error)[:200])
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _refresh_heads(self) -> None:
        newest = list((await self._repository.newest(_RECOVERED)).items())
        for start in range(0, len(newest), _FEW):
            chunk = dict(newest[start : start + _FEW])
            heads = {head["_id"]: head["version"] for head in await self._repository.get_heads(list(chunk))}
            behind = [account for account, version in chunk.items() if heads.get(account, 0) < version]
            for state in (await self._current(behind)).values() if behind else ():
                self._engine.refresh_head(state)

    async def _current(self, accounts: Sequence[str]) -> dict[str, State]:
        states = {account: State(account) for account in accounts}
        unseen = set(states)
        with _said_plainly():
            found = await self._repository.current(list(states))
        for head, tail in found:
            state = advance(from_head(head), tail)
            states[state.account] = state
            unseen.discard(state.account)
        if unseen:
            # No head was written yet: the account is new, or does not exist.
            with _said_plainly():
                entries = await self._repository.tail(dict.fromkeys(unseen, 0))
            for entry in entries:
                states[entry["account"]] = advance(states[entry["account"]], [entry])
        for state in states.values():
            if state.version:
                self._engine.learn(state)
        return states


@contextlib.contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what a store says into what callers know: LedgerUnavailable."""
    try:
        yield
    except StoreUnavailable as error:
        raise LedgerUnavailable from error
