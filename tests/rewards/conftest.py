from collections.abc import AsyncIterator

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from tests.purchases.shop import Shop, open_shop


@pytest.fixture
async def shop(database: Database, clock: MovableClock) -> AsyncIterator[Shop]:
    async with open_shop(database, clock) as shop:
        yield shop
