"""Heads are written in the background by whoever comes first."""

import asyncio

from pymongo.read_concern import ReadConcern

from app.core.clock import MovableClock
from app.core.database import Database
from app.ledger.models import Earn
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
