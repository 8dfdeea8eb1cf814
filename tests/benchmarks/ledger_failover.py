"""How long three servers take to write again after their primary was killed, and after it was paused."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pymongo.write_concern import WriteConcern

from app.core.clock import SystemClock
from app.core.database import connect, ensure_indexes
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import Earn, Reason
from app.ledger.repository import INDEXES
from app.ledger.service import Ledger
from tests.benchmarks.rows import BenchRow
from tests.faults.replica_set import ThreeServers

_TARGETS = {"killed": 3.5, "paused": 6.0}


async def failover() -> list[BenchRow]:
    """Seconds from the fault to the first acknowledged operation that was asked for after it."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        servers = ThreeServers(Path(folder))
        try:
            await servers.start()
            for fault, target in _TARGETS.items():
                seconds = await _silence(servers, fault)
                name = f"ledger 3 servers: silence after a {fault} primary"
                rows.append(BenchRow(name, seconds, "s", f"target {target} s", seconds / target))
        finally:
            await servers.stop()
    return rows


async def _silence(servers: ThreeServers, fault: str) -> float:
    leader = await servers.primary()
    client = connect(servers.uri)
    database = client[fault]
    await ensure_indexes(database, INDEXES)
    # The one that was killed before must be back: what is measured is the loss of one server, not of two.
    everybody = database.get_collection("ready", write_concern=WriteConcern(w=3))
    await everybody.insert_one({})
    ledger = Ledger(database, SystemClock())
    await ledger.start()
    try:
        await _insist(ledger, "before")
        begin = time.monotonic()
        if fault == "killed":
            servers.kill(leader)
        else:
            servers.pause(leader)
        await _insist(ledger, "after")
        seconds = time.monotonic() - begin
        if fault == "killed":
            servers.restart(leader)
        else:
            servers.resume(leader)
    finally:
        await ledger.stop()
        await client.close()
    return seconds


async def _insist(ledger: Ledger, operation: str) -> None:
    command = Earn(
        account="mbr_ada",
        operation=operation,
        occurred_at=datetime.now(UTC),
        actor="system:bench",
        reason=Reason(title="Failover"),
        points=1,
    )
    while True:
        try:
            await ledger.post(command)
        except LedgerUnavailable:
            continue
        return
