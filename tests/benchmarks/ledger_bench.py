"""The ledger's speed as ratios within one run: rounds are interleaved and the median ratio counts."""

import asyncio
import contextlib
import gc
import itertools
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from app.core.clock import SystemClock
from app.core.database import Client, connect, ensure_indexes
from app.core.garbage import collect_seldom
from app.core.mongod import EmbeddedMongod
from app.ledger.limits import MEMORY_MB
from app.ledger.models import Command, Earn, Reason, Redeem
from app.ledger.repository import INDEXES
from app.ledger.service import Ledger
from tests.benchmarks.ledger_baselines import GuardedUpdate, TransactionPerOperation
from tests.benchmarks.ledger_failover import failover
from tests.benchmarks.rows import BenchRow

Post = Callable[[Command], Awaitable[object]]
Pick = Callable[[random.Random], str]

_OPENING: Final = 100_000_000
_EXPIRES = datetime(2099, 1, 1, tzinfo=UTC)
_TILL = "till:til_5f0c2d9e8a7b6c5d4e3f2a1b"
_CLOCK = SystemClock()
_MANY: Final = [f"mbr_{number:08x}" for number in range(50_000)]
_FEW: Final = _MANY[:1024]
_serial = itertools.count()
_WHY: Final = Reason(
    title="Purchase at Market Street",
    summary="120 points: 1 per whole dollar, doubled on Fridays",
    parts=[
        {"kind": "RULE", "rule": "base", "version": 3, "text": "1 point per whole dollar", "points": 60},
        {"kind": "RULE", "rule": "double-friday", "version": 1, "text": "Doubled on Fridays", "points": 60},
        {"kind": "ROUNDING", "text": "60.80 counts as 60"},
    ],
    reference={"purchase": "pur_5f0c2d9e8a7b6c5d4e3f2a1b"},
)
"""An explanation as a purchase of three lines leaves it. One for all commands, as the transactions' entries share one:
twenty thousand prepared ones would be out of the processor's caches, where one that was just made is."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one design did in one round."""

    rate: float
    p99_ms: float
    cpu_us: float
    """Processor time of the client and the server for one operation: what a busy machine changes least."""


def command(rng: random.Random, account: str) -> Command:
    """Four earns, then a redemption that takes a little more than they gave: some nine lots are left on an account.

    Were it no more, their number would go on growing, from round to round.
    """
    if rng.random() >= 0.2:
        return earn(rng, account, _WHY)
    return Redeem(
        account=account,
        operation=f"bench:{next(_serial)}",
        occurred_at=_CLOCK.now(),
        actor=_TILL,
        reason=_WHY,
        points=600,
    )


def earn(rng: random.Random, account: str, why: Reason) -> Earn:
    """Points that expire with one of twelve months."""
    return Earn(
        account=account,
        operation=f"bench:{next(_serial)}",
        occurred_at=_CLOCK.now(),
        actor=_TILL,
        reason=why,
        points=120,
        qualifying=120,
        month="2026-03",
        expires_at=_EXPIRES + timedelta(days=rng.randrange(12) * 30),
    )


def supply(rng: random.Random, pick: Pick, ready: int) -> Iterator[Command]:
    """Commands without end; so many are made at once, before anybody's time is taken."""
    made = [command(rng, pick(rng)) for _ in range(ready)]
    return itertools.chain(made, (command(rng, pick(rng)) for _ in itertools.count()))


def processor_seconds(pid: int) -> float:
    """What this process and another have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb() -> float:
    """Memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def drive(post: Post, commands: Iterator[Command], workers: int, seconds: float, server: int) -> Round:
    """Keep `workers` operations in flight for some time; `server` is the database's process."""
    taken: list[float] = []
    used = processor_seconds(server)
    started = time.perf_counter()
    end = started + seconds

    async def work() -> None:
        while (begin := time.perf_counter()) < end:
            await post(next(commands))
            taken.append(time.perf_counter() - begin)

    await asyncio.gather(*(work() for _ in range(workers)))
    rate = len(taken) / (time.perf_counter() - started)
    used = processor_seconds(server) - used
    return Round(rate, statistics.quantiles(taken, n=100)[98] * 1000, used / len(taken) * 1e6)


class Bench:
    """One server, the designs on it, and the rounds."""

    def __init__(self, client: Client, server: EmbeddedMongod, seconds: float, rounds: int, loop: str) -> None:
        self._client = client
        self._database = client["bench"]
        self._server = server.pid or 0
        self._seconds = seconds
        self._rounds = rounds
        self._loop = loop
        self._resident_mb = resident_mb()
        self.ledger = Ledger(self._database, _CLOCK)
        self.rows: list[BenchRow] = []
        self.naive = GuardedUpdate(self._database)

    async def prepare(self, accounts: list[str]) -> None:
        """Give every account of every design enough points that guards pass."""
        await ensure_indexes(self._database, INDEXES)
        await self.ledger.start()
        for start in range(0, len(accounts), 1000):
            await asyncio.gather(*(self._fund(name) for name in accounts[start : start + 1000]))
        await self._fund("mbr_template")
        template = await self.ledger.post(command(random.Random(1), "mbr_template"))
        self.transactions = TransactionPerOperation(self._client, self._database, template)
        await self.transactions.prepare()
        await self.transactions.fund(accounts, _OPENING)
        await self.naive.fund(accounts, _OPENING)

    async def _fund(self, account: str) -> None:
        await self.ledger.post(
            Earn(
                account=account,
                operation="fund",
                occurred_at=_CLOCK.now(),
                actor="system:bench",
                reason=Reason(title="Opening"),
                points=_OPENING,
            )
        )

    async def compare(self, name: str, pick: Pick, workers: int, asked: float) -> float:
        """Set the ledger against a transaction per operation; adds rows and returns the ledger's median rate."""
        ours, theirs = await self._rounds_against(self.transactions.post, 2_000, pick, workers)
        self._row(name, "transaction per operation", ours, theirs, asked)
        return statistics.median(each.rate for each in ours)

    async def compare_naive(self, name: str, pick: Pick, workers: int) -> None:
        """Set the ledger against one guarded update per operation; adds rows."""
        ours, theirs = await self._rounds_against(self.naive.post, 6_000, pick, workers)
        self._row(name, "guarded update, no entry", ours, theirs)

    async def _rounds_against(
        self, other: Post, ready: int, pick: Pick, workers: int
    ) -> tuple[list[Round], list[Round]]:
        """Rounds of A, B, B, A: of the ledger, and of the other with so many commands ready.

        Two designs at a time: one runs otherwise for some seconds after a third, whose threads left the journal in
        another rhythm (transactions after guarded updates by a fourth).
        """
        ours: list[Round] = []
        theirs: list[Round] = []
        designs: list[tuple[Post, list[Round], int]] = [
            (other, theirs, ready),
            (self.ledger.post, ours, 20_000 if workers > 1 else 2_000),
        ]
        for number in range(self._rounds):
            for post, rounds, prepared in designs if number % 2 == 0 else reversed(designs):
                commands = supply(random.Random(number), pick, prepared)
                gc.collect()
                async with self._undisturbed(rounds is ours):
                    rounds.append(await drive(post, commands, workers, self._seconds, self._server))
        return ours, theirs

    @contextlib.asynccontextmanager
    async def _undisturbed(self, ours: bool) -> AsyncIterator[None]:
        """Nobody pays for another: the heads that the ledger still owes are written in its own time."""
        if ours:
            yield
        else:
            async with self.ledger._engine._heads._writing:
                yield

    def _row(
        self, name: str, against: str, ours: Sequence[Round], theirs: Sequence[Round], asked: float | None = None
    ) -> None:
        """Add a design's rows; `asked` is how many times the other's rate ours shall be, at a lower p99."""
        ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True))
        rate = statistics.median(each.rate for each in ours)
        least, most = (f", at least {asked:g}x", ", below 1x") if asked else ("", "")
        self.add(name, "operations", rate, "1/s", against + least, ratio)
        for what, unit, figure in (("p99", "ms", _p99), ("processor time", "us", _cpu)):
            mine, other = (statistics.median(map(figure, rounds)) for rounds in (ours, theirs))
            bound = most if what == "p99" else ""
            self.add(name, what, mine, unit, against + bound, mine / other)

    def add(self, name: str, what: str, value: float, unit: str, against: str, ratio: float) -> None:
        """Add a row."""
        self.rows.append(BenchRow(f"ledger {name}{self._loop}: {what}", value, unit, against, ratio))

    def add_memory(self) -> None:
        """Add a row with what the ledger has taken since the beginning."""
        taken, accounts = resident_mb() - self._resident_mb, f"{self.ledger.accounts_in_memory:,} accounts"
        self.add(accounts, "memory", taken, "MB", f"stated bound {MEMORY_MB} MB", taken / MEMORY_MB)


def _p99(of: Round) -> float:
    return of.p99_ms


def _cpu(of: Round) -> float:
    return of.cpu_us


@contextlib.asynccontextmanager
async def _prepared(accounts: list[str], seconds: float, rounds: int, loop: str = "") -> AsyncIterator[Bench]:
    """A bench with these accounts, on a server of its own."""
    if (task := asyncio.current_task()) is not None:
        # As Ctrl-C does: whoever stops us stops our servers too.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedMongod(Path(folder), cache_gb=1.0)
        await server.start()
        client = connect(server.uri)
        bench = Bench(client, server, seconds, rounds, loop)
        thresholds = gc.get_threshold()
        try:
            await bench.prepare(accounts)
            # As the service does once it has started.
            collect_seldom()
            yield bench
        finally:
            gc.set_threshold(*thresholds)
            gc.unfreeze()
            await bench.ledger.stop()
            await client.close()
            await server.stop()


async def _few(bench: Bench) -> None:
    """64 operations in flight on accounts that are all in use, and on one."""
    even = await bench.compare("1,024 accounts, 64 in flight", _of(_FEW), 64, 12)
    hot = await bench.compare("one account, 64 in flight", _of(_FEW[:1]), 64, 100)
    bench.add("one account", "operations", hot, "1/s", "1,024 accounts, at least 0.8x", hot / even)
    await bench.compare_naive("1,024 accounts, 64 in flight", _of(_FEW), 64)
    await bench.compare_naive("one account, 64 in flight", _of(_FEW[:1]), 64)


async def _many(bench: Bench) -> None:
    """The same on so many accounts that the heads of most are still to be written."""
    await bench.compare("50,000 accounts, 64 in flight", _of(_MANY), 64, 10)


def _of(accounts: list[str]) -> Pick:
    return lambda rng: rng.choice(accounts)


async def measure(seconds: float = 1.0, rounds: int = 9) -> list[BenchRow]:
    """Everything, on Python's own event loop."""
    async with _prepared(_FEW, seconds, rounds) as few:
        await _few(few)
        await few.compare("1,024 accounts, one in flight", _of(_FEW), 1, 1.2)
        await _reads(few)
    async with _prepared(_MANY, seconds, rounds) as many:
        await _many(many)
        many.add_memory()
    return [*few.rows, *many.rows, *await failover()]


async def on_uvloop(seconds: float = 1.0, rounds: int = 9) -> list[BenchRow]:
    """The same operations on the event loop that the service runs on."""
    async with _prepared(_FEW, seconds, rounds, ", uvloop") as few:
        await _few(few)
    async with _prepared(_MANY, seconds, rounds, ", uvloop") as many:
        await _many(many)
    return [*few.rows, *many.rows]


async def _reads(bench: Bench) -> None:
    """The balance of an account with 10 entries, and with 100,000."""
    rng = random.Random(7)
    for account, size in (("mbr_short", 10), ("mbr_long", 100_000)):
        for start in range(0, size, 2000):
            earns = [earn(rng, account, Reason(title="Purchase")) for _ in range(min(2000, size - start))]
            await asyncio.gather(*(bench.ledger.post(each) for each in earns))
    await bench.ledger.write_heads()
    taken: dict[str, list[float]] = {"mbr_short": [], "mbr_long": []}
    for _ in range(400):
        for account, times in taken.items():
            begin = time.perf_counter()
            await bench.ledger.balance(account)
            times.append((time.perf_counter() - begin) * 1000)
    short, long = (statistics.median(times) for times in taken.values())
    bench.add("account of 100,000 entries", "balance", long, "ms", "after 10 entries, at most 1.2x", long / short)


def run() -> list[BenchRow]:
    """The rows for `make bench`.

    The driver, of which a transaction needs the more, is faster on uvloop, where the ledger gains nothing: the ratios
    are lower there. The service runs on uvloop.
    """
    rows = asyncio.run(measure())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return [*rows, *runner.run(on_uvloop())]


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row.name:60} {row.value:12.2f} {row.unit:9} {row.ratio:8.3f}x of {row.against}\n")
