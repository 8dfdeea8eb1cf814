"""kill -9 of the server, of the service, of both; lost messages; and controls that must be caught."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.core.database import Database, connect
from app.core.mongod import EmbeddedMongod
from app.ledger.errors import Busy, LedgerUnavailable
from app.ledger.limits import EngineLimits
from app.ledger.models import Earn, Reason, Redeem
from app.ledger.service import Ledger
from tests.faults.careless import Careless
from tests.faults.load import Load, audit, prepared
from tests.faults.proxy import FaultyProxy
from tests.ledger.commands import make

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedMongod]:
    mongod = EmbeddedMongod(tmp_path_factory.mktemp("killed"), test_commands=True)
    await mongod.start()
    yield mongod
    await mongod.stop()


@pytest.fixture
async def database(server: EmbeddedMongod) -> AsyncIterator[Database]:
    client = connect(server.uri)
    yield await prepared(client, "faults")
    await client.close()


async def test_a_killed_server_loses_nothing_that_was_acknowledged(server: EmbeddedMongod, database: Database) -> None:
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    load = Load(ledger, 1)
    load.start()
    for _ in range(3):
        await load.answers(200)
        server.kill()
        await server.start()
    await load.answers(100)
    await load.stop()
    await ledger.stop()
    assert len(await audit(database, load.seen)) > 300


async def test_a_killed_service_loses_nothing_that_it_acknowledged(server: EmbeddedMongod, database: Database) -> None:
    acknowledged: dict[str, str] = {}
    for seed in range(3):
        process = _service(server, database, seed)
        await asyncio.to_thread(_read_until, process, acknowledged, 150)
        process.kill()
        _take(process.communicate()[0].decode(), acknowledged)
        if seed == 1:
            # Both at once.
            server.kill()
            await server.start()
    stored = {entry["_id"]: entry["hash"] for entry in await audit(database, [])}
    assert len(acknowledged) >= 300
    assert {key: stored.get(key) for key in acknowledged} == acknowledged


async def test_a_lossy_network_applies_nothing_twice(
    server: EmbeddedMongod, database: Database, tmp_path: Path
) -> None:
    seen = await _through_proxy(server, database, tmp_path, fresh_ids=False)
    await audit(database, seen.seen)


async def test_control_a_fresh_id_on_every_retry_is_caught(
    server: EmbeddedMongod, database: Database, tmp_path: Path
) -> None:
    load = await _through_proxy(server, database, tmp_path, fresh_ids=True)
    with pytest.raises(AssertionError, match="were applied twice"):
        await audit(database, load.seen)


async def test_control_unjournaled_writes_are_caught(server: EmbeddedMongod, database: Database) -> None:
    for seed in range(8):
        ledger = Ledger(database, SystemClock(), repository=Careless(database))
        await ledger.start()
        load = Load(ledger, seed, name=f"c{seed}w")
        load.start()
        await load.answers(300)
        server.kill()
        await server.start()
        await load.stop()
        await ledger.stop()
        if not await _nothing_lost(database, load):
            return
        await prepared(database.client, database.name)
    pytest.fail("the control is broken: eight kills lost nothing that was not in the journal")


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_database_that_is_away_gets_honest_answers_in_time(
    server: EmbeddedMongod, database: Database, fault: signal.Signals
) -> None:
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    now = SystemClock().now()
    posted = await ledger.post(make(Earn, "before", points=10, at=now))
    assert (await ledger.balance("mbr_ada")).active == 10
    why = Reason(title="away")
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "earn": lambda: ledger.post(make(Earn, "during", points=5, at=now)),
        "redeem": lambda: ledger.post(make(Redeem, "spend", points=5, at=now)),
        # Our memory says that there is too little; only the database knows whether that is still so.
        "refused": lambda: ledger.post(make(Redeem, "too-much", points=500, at=now)),
        "preview": lambda: ledger.preview(make(Redeem, "preview", points=1, at=now)),
        "balance": lambda: ledger.balance("mbr_ada"),
        "unknown": lambda: ledger.balance("mbr_nobody"),
        "balances": lambda: ledger.balances(["mbr_ada", "mbr_bob"]),
        "entries": lambda: ledger.entries("mbr_ada"),
        "entry": lambda: ledger.entry("mbr_ada", "before"),
        "entry by id": lambda: ledger.entry_by_id(posted["_id"]),
        "as of": lambda: ledger.balance_as_of("mbr_ada", now, now),
        "stock": lambda: ledger.stock_level("rwd_mug"),
        "reserve": lambda: ledger.stock_reserve("rwd_mug", "r1"),
        "transfer": lambda: ledger.transfer("mbr_ada", "mbr_bob", 5, "gift", "member:mbr_ada", why),
        "merge": lambda: ledger.merge("mbr_bob", "mbr_ada", "merge", "agent:idn_1", why),
    }
    os.kill(server.pid or 0, fault)
    try:
        outcomes = await asyncio.gather(*(_timed(each) for each in asked.values()))
    finally:
        if fault == signal.SIGSTOP:
            os.kill(server.pid or 0, signal.SIGCONT)
        else:
            server.kill()
            await server.start()
    wrong = {name: outcome for name, outcome in zip(asked, outcomes, strict=True) if outcome is not None}
    assert not wrong
    # What was already answered is the one thing that is known without asking.
    assert await ledger.post(make(Earn, "before", points=10, at=now)) == posted
    load = Load(ledger, 6)
    await load._insist(make(Earn, "during", points=5, at=now))
    entries = await ledger.entries("mbr_ada")
    assert [entry["operation"] for entry in entries].count("during") == 1
    await ledger.stop()
    await audit(database, load.seen)


async def _timed(ask: Callable[[], Awaitable[object]]) -> str | None:
    """None when it said within five seconds that the ledger is away, else what happened instead."""
    begin = time.monotonic()
    try:
        answer = await ask()
    except LedgerUnavailable:
        taken = time.monotonic() - begin
        return None if taken < 5.0 else f"took {taken:.1f} s"
    except Exception as error:
        return repr(error)
    return f"answered {answer}"


async def test_a_full_queue_says_busy(database: Database) -> None:
    ledger = Ledger(database, SystemClock(), EngineLimits(waiting=50))
    await ledger.start()
    posts = [ledger.post(make(Earn, f"e{number}", points=1)) for number in range(200)]
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert sum(isinstance(each, Busy) for each in outcomes) == 150
    assert (await ledger.balance("mbr_ada")).active == 50
    await ledger.stop()


async def _nothing_lost(database: Database, load: Load) -> bool:
    try:
        await audit(database, load.seen)
    except AssertionError as caught:
        if "acknowledged are lost" not in str(caught):
            raise
        return False
    return True


def _service(server: EmbeddedMongod, database: Database, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.worker", server.uri, database.name, str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _read_until(process: subprocess.Popen[bytes], acknowledged: dict[str, str], more: int) -> None:
    until = len(acknowledged) + more
    while len(acknowledged) < until and process.stdout is not None:
        line = process.stdout.readline().decode()
        if not line:
            raise AssertionError("the service ended by itself")
        _take(line, acknowledged)


def _take(lines: str, acknowledged: dict[str, str]) -> None:
    # A line that the kill cut short was never said.
    for line in lines.splitlines(keepends=True):
        if line.endswith("\n"):
            key, digest = line.split()
            acknowledged[key] = digest


async def _through_proxy(server: EmbeddedMongod, database: Database, folder: Path, *, fresh_ids: bool) -> Load:
    proxy = FaultyProxy(server._sockets / "mongodb-27017.sock", folder, seed=3)
    await proxy.start()
    client = connect(proxy.uri)
    # With fresh ids the caller must see the loss itself, so the engine may not hide it by trying again.
    patience = EngineLimits(patience_seconds=0.05, retry_seconds=1.0) if fresh_ids else None
    ledger = Ledger(client[database.name], SystemClock(), patience)
    await ledger.start()
    load = Load(ledger, random.Random(4).randrange(1000), fresh_ids=fresh_ids)
    proxy.losing = True
    load.start(12)
    await load.answers(200 if fresh_ids else 600)
    while proxy.lost_requests < 2 or proxy.lost_replies < 3:
        # How many messages that many answers took depends on how busy the machine is.
        await load.answers(50)
    proxy.losing = False
    await load.stop()
    await ledger.stop()
    await client.close()
    await proxy.stop()
    return load
