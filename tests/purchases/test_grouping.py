import asyncio
from collections.abc import Sequence

import pytest

from app.purchases.errors import Busy
from app.purchases.grouping import Grouped


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
    grouped = Grouped(doubler, most=10, in_flight=2)
    assert await asyncio.gather(*(grouped.submit(n) for n in range(14, 114))) == [2 * n for n in range(14, 114)]
    assert sorted(n for batch in doubler.batches for n in batch) == list(range(14, 114))
    assert len(doubler.batches) <= 11
    assert all(len(batch) <= 10 for batch in doubler.batches)


async def test_one_alone_does_not_wait_for_others() -> None:
    doubler = Doubler()
    grouped = Grouped(doubler)
    assert await asyncio.wait_for(grouped.submit(3), 5) == 6
    assert doubler.batches == [[3]]


async def test_a_failing_batch_fails_for_those_in_it_only() -> None:
    grouped = Grouped(Doubler(), most=1)
    outcomes = await asyncio.gather(*(grouped.submit(n) for n in (1, 13, 2)), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [2, 4]
    assert isinstance(outcomes[1], ConnectionError)
    assert await grouped.submit(5) == 10, "and the next one is served"


async def test_what_is_only_sent_may_fail_unheard_but_is_finished_on_closing() -> None:
    doubler = Doubler()
    grouped = Grouped(doubler, linger=0.01)
    for number in (1, 2, 13):
        grouped.send(number)
    await grouped.close()
    assert sorted(n for batch in doubler.batches for n in batch) == [1, 2, 13]


async def test_too_much_waiting_is_refused_before_memory_grows() -> None:
    doubler = Doubler()
    doubler.open.clear()
    grouped = Grouped(doubler, most=1, in_flight=1, queue=3)
    waiting = [asyncio.create_task(grouped.submit(n)) for n in range(4)]
    for _ in range(5):
        await asyncio.sleep(0)
    waiting.append(asyncio.create_task(grouped.submit(4)))
    waiting.append(asyncio.create_task(grouped.submit(5)))
    await asyncio.sleep(0)
    doubler.open.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert any(isinstance(outcome, Busy) for outcome in outcomes)
    assert outcomes[0] == 0


async def test_somebody_who_leaves_disturbs_nobody() -> None:
    doubler = Doubler()
    doubler.open.clear()
    grouped = Grouped(doubler)
    leaving, staying = asyncio.create_task(grouped.submit(1)), asyncio.create_task(grouped.submit(2))
    for _ in range(5):
        await asyncio.sleep(0)
    leaving.cancel()
    doubler.open.set()
    assert await staying == 4
    with pytest.raises(asyncio.CancelledError):
        await leaving
