"""kill -9 of the server, of the service, of both; lost messages; and controls that must be caught."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.core.database import Database, connect
from app.core.mongod import EmbeddedMongod
from app.ledger.errors import Busy, LedgerUnavailable
from app.ledger.limits import EngineLimits
from app.ledger.models import Earn
from app.ledger.service import Ledger
from tests.faults.careless import Careless
from tests.faults.load import Load, audit, prepared
from tests.faults.proxy import FaultyProxy
from tests.ledger.commands import make
from tests.simulation.history import NotLinearizable

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
    entries = await database["entries"].find().to_list()
    applied = [entry["operation"].split("~")[0] for entry in entries]
    assert len(applied) > len(set(applied)), "the control is broken: nothing was applied twice"
    assert len(entries) > sum(1 for each in load.seen if each.entry is not None)


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
        try:
            await audit(database, load.seen)
        except (NotLinearizable, AssertionError):
            return
        await prepared(database.client, database.name)
    pytest.fail("the control is broken: eight kills lost nothing that was not in the journal")


async def test_a_database_that_is_away_gets_an_honest_answer_in_time(tmp_path: Path) -> None:
    server = EmbeddedMongod(tmp_path)
    await server.start()
    client = connect(server.uri)
    database = await prepared(client, "away")
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    load = Load(ledger, 5)
    await ledger.post(load._command("before"))
    server.kill()
    begin = time.monotonic()
    with pytest.raises(LedgerUnavailable):
        await ledger.post(load._command("during"))
    assert time.monotonic() - begin < 5.0
    await ledger.stop()
    await client.close()


async def test_a_full_queue_says_busy(database: Database) -> None:
    ledger = Ledger(database, SystemClock(), EngineLimits(waiting=50))
    await ledger.start()
    posts = [ledger.post(make(Earn, f"e{number}", points=1)) for number in range(200)]
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert sum(isinstance(each, Busy) for each in outcomes) == 150
    assert (await ledger.balance("mbr_ada")).active == 50
    await ledger.stop()


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
