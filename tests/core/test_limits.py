import asyncio
from datetime import timedelta

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.limits import Limit, Limiter, RateLimited


async def test_a_hundred_hits_at_once_let_exactly_the_limit_through(database: Database, clock: MovableClock) -> None:
    limiter = Limiter(database, clock)
    outcomes = await asyncio.gather(
        *(limiter.hit("code:a@example.com", Limit(5, timedelta(minutes=10))) for _ in range(100)),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 5
    assert all(outcome is None or isinstance(outcome, RateLimited) for outcome in outcomes)


async def test_hits_come_back_evenly_and_the_wait_is_told(database: Database, clock: MovableClock) -> None:
    limiter, limit = Limiter(database, clock), Limit(2, timedelta(seconds=60))
    await limiter.hit("k", limit)
    await limiter.hit("k", limit)
    with pytest.raises(RateLimited) as refused:
        await limiter.hit("k", limit)
    assert refused.value.seconds == 30
    clock.advance(timedelta(seconds=29))
    with pytest.raises(RateLimited):
        await limiter.hit("k", limit)
    clock.advance(timedelta(seconds=1))
    await limiter.hit("k", limit)


async def test_keys_do_not_share(database: Database, clock: MovableClock) -> None:
    limiter, limit = Limiter(database, clock), Limit(1, timedelta(seconds=60))
    await limiter.hit("one", limit)
    await limiter.hit("two", limit)
    with pytest.raises(RateLimited):
        await limiter.hit("one", limit)
