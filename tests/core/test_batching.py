"""Concurrent calls become one command."""

import asyncio
from collections.abc import Sequence

import pytest

from app.core.batching import Batcher


class Recorder:
    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def double(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        await asyncio.sleep(0)
        if -1 in items:
            raise ValueError("no")
        return [2 * item for item in items]


async def test_calls_in_flight_share_a_batch() -> None:
    recorder = Recorder()
    double = Batcher(recorder.double, largest=50)
    assert await asyncio.gather(*(double(n) for n in range(120))) == [2 * n for n in range(120)]
    assert [len(batch) for batch in recorder.batches] == [50, 50, 20]
    assert await double(7) == 14


async def test_a_failure_reaches_everyone_of_its_batch_and_nobody_else() -> None:
    recorder = Recorder()
    double = Batcher(recorder.double)
    results = await asyncio.gather(double(1), double(-1), return_exceptions=True)
    assert all(isinstance(result, ValueError) for result in results)
    with pytest.raises(ValueError, match="no"):
        await double(-1)
    assert await double(3) == 6


async def test_a_caller_that_gave_up_does_not_disturb_the_others() -> None:
    recorder = Recorder()
    double = Batcher(recorder.double)
    quitter = asyncio.create_task(double(1))
    stayer = asyncio.create_task(double(2))
    await asyncio.sleep(0)
    quitter.cancel()
    assert await stayer == 4
    assert await double(3) == 6
