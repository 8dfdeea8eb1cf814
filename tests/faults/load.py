"""Load with a memory: what was asked, what was answered, and whether the database agrees in the end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import cast

from app.core.clock import SystemClock
from app.core.database import Client, Database, ensure_indexes
from app.ledger.errors import Busy, LedgerError, LedgerUnavailable
from app.ledger.models import Command, Earn, EntryDocument, Hold, Reason, Redeem
from app.ledger.repository import INDEXES, LedgerRepository
from app.ledger.service import Ledger
from app.ledger.verify import verify
from tests.simulation.history import Seen, check_history


class Load:
    """Workers that ask for small amounts on few accounts near zero, and never take no answer for one."""

    def __init__(self, ledger: Ledger, seed: int, *, name: str = "w", fresh_ids: bool = False) -> None:
        self.ledger = ledger
        self.seen: list[Seen] = []
        self.attempts: dict[str, int] = {}
        self._rng = random.Random(seed)
        self._name = name
        self._fresh_ids = fresh_ids
        self._running = True
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, workers: int = 24) -> None:
        """Start the workers."""
        self._tasks = [asyncio.create_task(self._work(number)) for number in range(workers)]

    async def stop(self) -> None:
        """Let every worker get its last answer."""
        self._running = False
        await asyncio.gather(*self._tasks)

    async def answers(self, more: int) -> None:
        """Wait until that many more answers have come."""
        until = len(self.seen) + more
        while len(self.seen) < until:
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.01)

    async def _work(self, worker: int) -> None:
        number = 0
        while self._running:
            number += 1
            await self._insist(self._command(f"{self._name}{worker}.{number}"))

    def _command(self, operation: str) -> Command:
        rng = self._rng
        account = "mbr_hot" if rng.random() < 0.3 else f"mbr_{rng.randrange(7)}"
        now, why, roll = SystemClock().now(), Reason(title="load"), rng.random()
        if roll < 0.5:
            return Earn(
                account=account,
                operation=operation,
                occurred_at=now,
                actor="system:test",
                reason=why,
                points=rng.randint(1, 20),
            )
        kind = Redeem if roll < 0.9 else Hold
        return kind(
            account=account,
            operation=operation,
            occurred_at=now,
            actor="system:test",
            reason=why,
            points=rng.randint(1, 25),
        )

    async def _insist(self, command: Command) -> None:
        asked = time.monotonic()
        base = command.operation
        for attempt in range(1000):
            self.attempts[base] = attempt + 1
            try:
                entry = await self.ledger.post(command)
            except (LedgerUnavailable, Busy):
                await asyncio.sleep(0.02)
                if self._fresh_ids:
                    fields = {
                        name: getattr(command, name) for name in type(command).__dataclass_fields__ if name != "kind"
                    }
                    command = type(command)(**{**fields, "operation": f"{base}~{attempt}"})
                continue
            except LedgerError:
                self.seen.append(Seen(command, asked, time.monotonic(), None))
                return
            self.seen.append(Seen(command, asked, time.monotonic(), entry))
            return
        raise AssertionError(f"{base} never got an answer")


async def prepared(client: Client, name: str) -> Database:
    """An empty database with the ledger's indexes."""
    await client.drop_database(name)
    database = client[name]
    await ensure_indexes(database, INDEXES)
    return database


async def audit(database: Database, seen: Sequence[Seen]) -> list[EntryDocument]:
    """0 acknowledged lost, 0 applied twice, one order that explains all answers, all invariants."""
    entries = cast("list[EntryDocument]", await database["entries"].find().to_list())
    stored = {entry["_id"]: entry["hash"] for entry in entries}
    acknowledged = {each.entry["_id"]: each.entry["hash"] for each in seen if each.entry is not None}
    lost = [key for key, digest in acknowledged.items() if stored.get(key) != digest]
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged are lost: {lost[:3]}"
    # What callers repeat under other ids differs after the "~".
    applied = Counter((entry["account"], entry["operation"].split("~")[0]) for entry in entries)
    twice = [key for key, times in applied.items() if times > 1]
    assert not twice, f"{len(twice)} of {len(applied)} were applied twice: {twice[:3]}"
    check_history(seen, entries)
    _, problem = await verify(LedgerRepository(database))
    assert problem is None, problem
    return entries
