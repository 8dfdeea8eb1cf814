"""Three servers: the primary killed, paused, stepped down; and the two facts about MongoDB that the ledger rests on."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient

from app.core.clock import SystemClock
from app.core.database import Client, connect
from app.ledger.service import Ledger
from tests.faults.load import Load, audit, prepared
from tests.faults.replica_set import ThreeServers

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ThreeServers]:
    three = ThreeServers(tmp_path_factory.mktemp("three"))
    await three.start()
    yield three
    await three.stop()


@pytest.fixture
async def client(servers: ThreeServers) -> AsyncIterator[Client]:
    await servers.primary()
    connection = connect(servers.uri)
    yield connection
    await connection.close()


async def _under_load(servers: ThreeServers, client: Client, fault: str) -> float:
    """Fault the primary under load; audit; returns the longest time without an answer, in seconds."""
    database = await prepared(client, f"fault_{fault}")
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    load = Load(ledger, len(fault), name=fault)
    load.start(16)
    await load.answers(150)
    load.longest_silence = 0.0
    leader = await servers.primary()
    if fault == "kill":
        servers.kill(leader)
    elif fault == "pause":
        servers.pause(leader)
    else:
        await servers.admin(leader, {"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 5, "force": True})
    await load.answers(150)
    silence = load.longest_silence
    print(f"{fault}: {silence:.1f} s without an answer")  # noqa: T201 -- a figure for the log of the run
    if fault == "kill":
        servers.restart(leader)
    elif fault == "pause":
        servers.resume(leader)
    await load.answers(100)
    await load.stop()
    await ledger.stop()
    await audit(database, load.seen)
    return silence


async def test_a_killed_primary(servers: ThreeServers, client: Client) -> None:
    assert await _under_load(servers, client, "kill") < 15


async def test_a_paused_primary(servers: ThreeServers, client: Client) -> None:
    assert await _under_load(servers, client, "pause") < 30


async def test_a_stepped_down_primary(servers: ThreeServers, client: Client) -> None:
    assert await _under_load(servers, client, "stepdown") < 15


async def _hold_replication(servers: ThreeServers, mode: str) -> None:
    for port in await servers.secondaries():
        await servers.admin(port, {"configureFailPoint": "rsSyncApplyStop", "mode": mode})


@pytest.fixture
async def eager(servers: ThreeServers) -> AsyncIterator[Client]:
    """A client that gives up waiting for the majority after 1.5 s."""
    await servers.primary()
    connection: Client = AsyncMongoClient(servers.uri, w="majority", wTimeoutMS=1500, retryWrites=False)
    yield connection
    await connection.close()


async def test_fact_a_duplicate_key_waits_for_the_majority(servers: ThreeServers, eager: Client) -> None:
    """Fact 1: "already exists" is said only once the one that exists is safe, or it is said that it is not."""
    things = eager["facts"]["things"]
    await things.insert_one({"_id": 1})
    await _hold_replication(servers, "alwaysOn")
    try:
        answer = await eager["facts"].command({"insert": "things", "documents": [{"_id": 2}], "writeConcern": {"w": 1}})
        assert answer["n"] == 1
        answer = await eager["facts"].command(
            {"insert": "things", "documents": [{"_id": 2}], "writeConcern": {"w": "majority", "wtimeout": 1500}}
        )
        assert answer["writeErrors"][0]["code"] == 11000
        assert answer["writeConcernError"]["code"] == 64, "the duplicate was reported without waiting"
        nothing = {"q": {"_id": "nobody"}, "u": {"$set": {"a": 1}}}
        answer = await eager["facts"].command(
            {"update": "things", "updates": [nothing], "writeConcern": {"w": "majority", "wtimeout": 1500}}
        )
        assert answer["writeConcernError"]["code"] == 64, "an update of nothing must wait: it is our barrier"
    finally:
        await _hold_replication(servers, "off")


async def test_fact_a_local_read_sees_what_a_failover_takes_back(servers: ThreeServers, eager: Client) -> None:
    """Fact 2: what a local read shows may be rolled back, so heads are built on majority reads only."""
    facts = eager["facts"]
    await facts["heads"].insert_one({"_id": 1})
    await _hold_replication(servers, "alwaysOn")
    try:
        await facts.command({"insert": "heads", "documents": [{"_id": 2}], "writeConcern": {"w": 1}})
        local = await facts.command({"find": "heads", "filter": {"_id": 2}, "readConcern": {"level": "local"}})
        majority = await facts.command({"find": "heads", "filter": {"_id": 2}, "readConcern": {"level": "majority"}})
        assert len(local["cursor"]["firstBatch"]) == 1
        assert majority["cursor"]["firstBatch"] == []
    finally:
        await _hold_replication(servers, "off")
