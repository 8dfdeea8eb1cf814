"""A replica set, a network and a scheduler that exist only in memory, all driven by one seed."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

from app.ledger.models import EntryDocument, HeadDocument
from app.ledger.repository import Duplicate, StoreUnavailable

EPOCH = datetime(2026, 3, 14, tzinfo=UTC)


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop whose clock jumps to the next timer and whose ready tasks run in a seeded order."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self._virtual = 0.0
        self._selector = _NoSelector(self)

    def time(self) -> float:
        return self._virtual

    def _process_events(self, event_list: Any) -> None:
        """Nothing ever happens outside."""

    def _write_to_self(self) -> None:
        """Nobody else could be woken."""

    def advance(self, seconds: float | None) -> None:
        """Jump ahead, and shuffle what is ready so that no test relies on its order."""
        if seconds is None:
            raise RuntimeError("deadlock: nothing is ready and no timer is set")
        self._virtual += seconds

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]  # the base types its arguments as a tuple
        handle = super().call_soon(callback, *args, context=context)
        ready: Any = self._ready  # type: ignore[attr-defined]  # shuffling it is the point of this loop
        if len(ready) > 1 and self._rng.random() < 0.3:
            other = self._rng.randrange(len(ready))
            ready[-1], ready[other] = ready[other], ready[-1]
        return handle


class _NoSelector:
    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout != 0:
            self._loop.advance(timeout)
        return []

    def close(self) -> None:
        """Nothing to close."""


class VirtualClock:
    """The simulation's instant, as the ledger's clock."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return EPOCH + timedelta(milliseconds=int(self._loop.time() * 1000))


class ReplicaSet:
    """A primary's log of entries with a majority commit point; a failover rolls back what lies beyond it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.log: list[EntryDocument] = []
        self.committed = 0
        self.term = 0
        self.heads: dict[str, HeadDocument] = {}
        self.by_id: dict[str, EntryDocument] = {}
        self.by_operation: dict[tuple[str, str], EntryDocument] = {}
        self.failovers = 0
        self.rolled_back = 0
        self.unique_operations = True

    def insert(self, entry: EntryDocument) -> Duplicate | None:
        """What one insert does on the primary."""
        if entry["_id"] in self.by_id:
            return Duplicate(0, "sequence")
        key = (entry["account"], entry["operation"])
        if self.unique_operations and key in self.by_operation:
            return Duplicate(0, "operation")
        self.log.append(entry)
        self.by_id[entry["_id"]] = entry
        self.by_operation[key] = entry
        return None

    def fail_over(self) -> None:
        """Elect another primary, which has a part of what was not committed."""
        self.failovers += 1
        self.term += 1
        keep = self.rng.randint(self.committed, len(self.log))
        self.rolled_back += len(self.log) - keep
        for entry in self.log[keep:]:
            self.by_id.pop(entry["_id"], None)
            self.by_operation.pop((entry["account"], entry["operation"]), None)
        del self.log[keep:]

    def commit(self) -> None:
        """The majority has everything."""
        self.committed = len(self.log)


class SimulatedStore:
    """The engine's five-method port over the replica set, with everything that a network does to messages."""

    def __init__(self, servers: ReplicaSet, rng: random.Random, faults: float) -> None:
        self.servers = servers
        self._rng = rng
        self._faults = faults
        self.acknowledge_early = False
        self.read_local = False
        self.ignore_order = False

    async def append(self, entries: Sequence[EntryDocument], *, ordered: bool) -> list[Duplicate]:
        await self._travel()
        duplicates = []
        for index, entry in enumerate(entries):
            if self._rng.random() < 0.02 * self._faults:
                # Killed in the middle of the batch.
                self.servers.fail_over()
                raise StoreUnavailable("crashed in mid-batch")
            found = self.servers.insert(entry)
            if found is not None:
                duplicates.append(Duplicate(index, found.key))
                if ordered and not self.ignore_order:
                    break
            if self._rng.random() < 0.1:
                await asyncio.sleep(0)
        if not self.acknowledge_early:
            await self._majority()
        await self._travel()
        return duplicates

    async def tail(self, after: Mapping[str, int], *, barrier: bool = False) -> list[EntryDocument]:
        await self._travel()
        if barrier:
            await self._majority()
        view = self._view()
        found = [entry for entry in view if entry["account"] in after and entry["seq"] > after[entry["account"]]]
        await self._travel()
        return sorted(found, key=lambda entry: entry["_id"])

    async def find(
        self, operations: Sequence[tuple[str, str]], *, related: bool = False, ids: Sequence[str] = ()
    ) -> list[EntryDocument]:
        await self._travel()
        wanted = set(operations)
        found = [
            entry
            for entry in self._view()
            if (entry["account"], entry["operation"]) in wanted
            or (related and (entry["account"], entry.get("of", "")) in wanted)
            or (related and any((entry["account"], name) in wanted for name in entry.get("corrects", ())))
            or entry["_id"] in ids
        ]
        await self._travel()
        return found

    async def get_heads(self, accounts: Sequence[str]) -> list[HeadDocument]:
        await self._travel()
        return [self.servers.heads[name] for name in accounts if name in self.servers.heads]

    async def put_heads(self, heads: Sequence[HeadDocument]) -> None:
        await self._travel()
        for head in heads:
            present = self.servers.heads.get(head["_id"])
            # Heads lag for long, and some never arrive.
            if self._rng.random() < 0.7 and (present is None or present["version"] < head["version"]):
                self.servers.heads[head["_id"]] = head

    def _view(self) -> list[EntryDocument]:
        return self.servers.log[:] if self.read_local else self.servers.log[: self.servers.committed]

    async def _majority(self) -> None:
        """Wait for the commit point; another primary in between means that nobody knows."""
        term = self.servers.term
        await asyncio.sleep(self._rng.uniform(0.0005, 0.01))
        if self.servers.term != term:
            raise StoreUnavailable("another primary was elected")
        self.servers.commit()

    async def _travel(self) -> None:
        """A message under way: late, or lost."""
        await asyncio.sleep(self._rng.uniform(0.0001, 0.002) * (20 if self._rng.random() < 0.03 else 1))
        if self._rng.random() < 0.02 * self._faults:
            raise StoreUnavailable("message lost")


def run_virtual(rng: random.Random, main: Callable[[VirtualLoop], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine on a virtual loop to its end."""
    loop = VirtualLoop(rng)
    try:
        return loop.run_until_complete(main(loop))
    finally:
        # A seed that fails leaves in mid-flight what nobody will ever wait for.
        loop.run_until_complete(_end_all())
        loop.close()


async def _end_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
