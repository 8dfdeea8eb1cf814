"""Three servers: the primary killed, paused, stepped down; and the two facts about MongoDB that the ledger rests on."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect
from pymongo.write_concern import WriteConcern

from app.core.clock import SystemClock
from app.core.database import Client, Database, connect
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import Earn
from app.ledger.service import Ledger
from tests.faults.careless import Careless
from tests.faults.load import Load, audit, prepared
from tests.faults.replica_set import ThreeServers
from tests.ledger.commands import make
from tests.simulation.history import Seen

pytestmark = [
    pytest.mark.timeout(180),
    # The driver leaves the socket of an attempt to connect to the collector when the attempt is given up half-way.
    pytest.mark.filterwarnings(r"ignore:Exception ignored in. <socket\.socket:pytest.PytestUnraisableExceptionWarning"),
]


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


@pytest.mark.parametrize("fault", ["kill", "pause", "stepdown"])
async def test_a_primary_that_fails_under_load(servers: ThreeServers, client: Client, fault: str) -> None:
    """Nothing acknowledged is lost, nothing applied twice, and writes go on; how soon is for the benchmark to say."""
    database = await prepared(client, f"fault_{fault}")
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    load = Load(ledger, len(fault), name=fault)
    load.start(16)
    await load.answers(150)
    leader = await servers.primary()
    struck = time.monotonic()
    if fault == "kill":
        servers.kill(leader)
    elif fault == "pause":
        servers.pause(leader)
    else:
        await servers.admin(leader, {"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 5, "force": True})
    await load.answers(150)
    leader_now = await servers.primary()
    if fault == "kill":
        servers.restart(leader)
    elif fault == "pause":
        servers.resume(leader)
    await load.answers(100)
    await load.stop()
    await ledger.stop()
    await audit(database, load.seen)
    assert leader_now != leader, "another server took over"
    assert sum(1 for each in load.seen if each.entry is not None and each.asked > struck) > 100, "writes resumed"


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


@contextlib.asynccontextmanager
async def _deposed(servers: ThreeServers) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let the primary write what nobody else gets; calling what this yields pauses it and waits for another one.

    At the end it runs again, and takes back what it wrote alone.
    """
    leader, others = await servers.primary(), await servers.secondaries()

    async def others_fetch(mode: str) -> None:
        for port in others:
            await servers.admin(port, {"configureFailPoint": "stopReplProducer", "mode": mode})

    async def depose() -> None:
        servers.pause(leader)
        await others_fetch("off")
        await servers.primary()

    await others_fetch("alwaysOn")
    try:
        yield depose
    finally:
        servers.resume(leader)
        await others_fetch("off")


async def test_fact_an_entry_built_on_a_local_read_leaves_a_gap(servers: ThreeServers, eager: Client) -> None:
    """Fact 2: what a local read shows may be rolled back, so heads are built on majority reads only."""
    facts = eager["facts"]
    await facts["heads"].insert_one({"_id": 1})
    async with _deposed(servers) as depose:
        await facts.command({"insert": "heads", "documents": [{"_id": 2}], "writeConcern": {"w": 1}})
        seen = {level: await _last(eager, level) for level in ("local", "majority")}
        await depose()
        # The same client finds the new primary, which has never heard of 2 and accepts 3 without a word.
        await _insert(facts, seen["local"] + 1)
    assert seen == {"local": 2, "majority": 1}
    kept = [found["_id"] async for found in facts["heads"].find(sort=[("_id", 1)])]
    assert kept == [1, 3], "on a majority read the next would have been 2, without a gap"


async def _insert(facts: Database, number: int) -> None:
    # However long the other secondary takes to follow the new primary.
    heads = facts["heads"].with_options(write_concern=WriteConcern("majority"))
    while True:
        # Until it hears of the election the driver asks the deposed one, and then gives that up.
        with contextlib.suppress(AutoReconnect):
            await heads.insert_one({"_id": number})
            return


async def _last(client: Client, level: str) -> int:
    newest = {"find": "heads", "sort": {"_id": -1}, "limit": 1, "readConcern": {"level": level}}
    answer = await client["facts"].command(newest)
    return int(answer["cursor"]["firstBatch"][0]["_id"])


async def test_control_writes_to_one_server_are_caught_when_it_is_paused(servers: ThreeServers, client: Client) -> None:
    database = await prepared(client, "careless")
    ledger = Ledger(database, SystemClock(), repository=Careless(database))
    await ledger.start()
    seen: list[Seen] = []
    async with _deposed(servers) as depose:
        await _earn(ledger, seen, "alone", 20)
        await depose()
        await _earn(ledger, seen, "after", 5)
    await ledger.stop()
    with pytest.raises(AssertionError, match="acknowledged are lost"):
        await audit(database, seen)


async def _earn(ledger: Ledger, seen: list[Seen], name: str, count: int) -> None:
    for number in range(count):
        command = make(Earn, f"{name}{number}", at=SystemClock().now(), account=f"mbr_{number % 4}", points=10)
        asked = time.monotonic()
        while True:
            with contextlib.suppress(LedgerUnavailable):
                entry = await ledger.post(command)
                break
        seen.append(Seen(command, asked, time.monotonic(), entry))
