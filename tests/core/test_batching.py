"""Concurrent calls become one command."""

import asyncio
from collections.abc import Sequence

import pytest

from app.core.batching import Batcher, QueueFull


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


class Doubler:
    """Doubles numbers, batch by batch, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.open.wait()
        if 13 in numbers:
            raise ConnectionError("thirteen")
        return [2 * number for number in numbers]


async def test_everybody_gets_their_own_answer_in_few_batches() -> None:
    doubler = Doubler()
    batched = Batcher(doubler, 10, in_flight=2)
    assert await asyncio.gather(*(batched(n) for n in range(14, 114))) == [2 * n for n in range(14, 114)]
    assert sorted(n for batch in doubler.batches for n in batch) == list(range(14, 114))
    assert len(doubler.batches) <= 11
    assert all(len(batch) <= 10 for batch in doubler.batches)


async def test_one_alone_does_not_wait_for_others() -> None:
    doubler = Doubler()
    batched = Batcher(doubler)
    assert await asyncio.wait_for(batched(3), 5) == 6
    assert doubler.batches == [[3]]


async def test_a_failing_batch_fails_for_those_in_it_only() -> None:
    batched = Batcher(Doubler(), 1)
    outcomes = await asyncio.gather(*(batched(n) for n in (1, 13, 2)), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [2, 4]
    assert isinstance(outcomes[1], ConnectionError)
    assert await batched(5) == 10, "and the next one is served"


async def test_what_is_only_sent_may_fail_unheard_but_is_finished_on_closing() -> None:
    doubler = Doubler()
    batched = Batcher(doubler, linger=0.01)
    for number in (1, 2, 13):
        batched.send(number)
    await batched.close()
    assert sorted(n for batch in doubler.batches for n in batch) == [1, 2, 13]


async def test_too_much_waiting_is_refused_before_memory_grows() -> None:
    doubler = Doubler()
    doubler.open.clear()
    batched = Batcher(doubler, 1, queue=3)
    waiting = [asyncio.create_task(batched(n)) for n in range(4)]
    for _ in range(5):
        await asyncio.sleep(0)
    waiting.append(asyncio.create_task(batched(4)))
    waiting.append(asyncio.create_task(batched(5)))
    await asyncio.sleep(0)
    doubler.open.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert any(isinstance(outcome, QueueFull) for outcome in outcomes)
    assert outcomes[0] == 0


async def test_somebody_who_leaves_disturbs_nobody() -> None:
    doubler = Doubler()
    doubler.open.clear()
    batched = Batcher(doubler)
    leaving, staying = asyncio.create_task(batched(1)), asyncio.create_task(batched(2))
    for _ in range(5):
        await asyncio.sleep(0)
    leaving.cancel()
    doubler.open.set()
    assert await staying == 4
    with pytest.raises(asyncio.CancelledError):
        await leaving
