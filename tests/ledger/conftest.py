"""A running ledger on a real server, and short ways to write commands."""

import contextlib
from collections.abc import AsyncIterator

import pytest
from pymongo.errors import PyMongoError

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.ledger.repository import INDEXES
from app.ledger.service import Ledger


@pytest.fixture
async def ledger(database: Database, clock: MovableClock) -> AsyncIterator[Ledger]:
    with contextlib.suppress(PyMongoError):
        # A long test without a loop kept the client's heartbeats waiting; the first command pays for that.
        await database.command("ping")
    await ensure_indexes(database, INDEXES)
    service = Ledger(database, clock)
    await service.start()
    yield service
    await service.stop()
