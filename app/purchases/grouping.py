"""Gathering small reads and writes into few commands: while one batch is in flight, the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from app.purchases.errors import Busy

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_log = structlog.get_logger("purchases")


class Grouped(Generic[Item, Answer]):
    """Runs `run` on batches of what is submitted, at most `in_flight` at once and `most` items each.

    `run` answers in the order of its items. `linger` seconds are waited before each batch, for writes that nobody
    waits for. Beyond `queue` waiting items, Busy is raised before memory grows.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        most: int = 128,
        in_flight: int = 2,
        linger: float = 0.0,
        queue: int = 20_000,
    ) -> None:
        self._run = run
        self._most = most
        self._in_flight = in_flight
        self._linger = linger
        self._limit = queue
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._drains = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Answer:
        """Wait for the answer to this item; what went wrong with its batch is raised for every item in it."""
        return await self._enqueue(item)

    def send(self, item: Item) -> None:
        """Hand an item over without waiting; failures are logged, and somebody else has to notice."""
        self._enqueue(item).add_done_callback(_log_failure)

    async def close(self) -> None:
        """Wait until everything handed over is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enqueue(self, item: Item) -> asyncio.Future[Answer]:
        if len(self._waiting) >= self._limit:
            raise Busy
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._drains < self._in_flight:
            self._drains += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return future

    async def _drain(self) -> None:
        # The count goes down in the same step that sees the queue empty, so that nothing is left waiting unseen.
        try:
            while self._waiting:
                await asyncio.sleep(self._linger)
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                if batch:
                    await self._answer(batch)
        finally:
            self._drains -= 1

    async def _answer(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._run([item for item, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _log_failure(future: "asyncio.Future[Answer]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _log.warning("grouped_write_failed", error=str(error)[:200])
