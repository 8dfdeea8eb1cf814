"""Heads are written in the background by whoever comes first."""

import asyncio
from datetime import timedelta

from pymongo.read_concern import ReadConcern

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.ledger.models import Earn
from app.ledger.repository import INDEXES, LedgerRepository
from app.ledger.service import Ledger
from tests.ledger.commands import make


async def test_writing_heads_twice_at_once_writes_them_all(
    ledger: Ledger, database: Database, clock: MovableClock
) -> None:
    await asyncio.gather(
        *(ledger.post(make(Earn, "e", account=f"mbr_{n}", at=clock.now(), points=1)) for n in range(1200))
    )
    await asyncio.gather(*(ledger.write_heads() for _ in range(3)))
    # They are written to one server; the majority has them a moment later.
    written = database.get_collection("accounts", read_concern=ReadConcern("local"))
    assert await written.count_documents({"version": 1}) == 1200


async def test_heads_that_a_crash_left_behind_are_written_after_the_next_start(
    database: Database, clock: MovableClock
) -> None:
    await ensure_indexes(database, INDEXES)
    crashed = Ledger(database, clock)
    await crashed.start()
    for number in range(120):
        earn = make(
            Earn, "e", account=f"mbr_{number}", at=clock.now(), points=1, expires_at=clock.now() + timedelta(days=1)
        )
        await crashed.post(earn)
    await crashed.stop()
    # As after a crash: the entries are there, no head is, and nobody knows when the points expire.
    await database["accounts"].delete_many({})
    clock.advance(timedelta(days=2))
    repository = LedgerRepository(database)
    assert await repository.due_accounts(clock.now(), 200) == []
    started = Ledger(database, clock)
    await started.start()
    while len(await repository.due_accounts(clock.now(), 200)) < 120:
        await started.write_heads()
    await started.stop()
