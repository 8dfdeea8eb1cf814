"""A running ledger on a real server, and short ways to write commands."""

from collections.abc import AsyncIterator

import pytest

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.ledger.repository import INDEXES
from app.ledger.service import Ledger


@pytest.fixture
async def ledger(database: Database, clock: MovableClock) -> AsyncIterator[Ledger]:
    await ensure_indexes(database, INDEXES)
    service = Ledger(database, clock)
    await service.start()
    yield service
    await service.stop()
