"""Many small database calls in flight at once become one command."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Generic, TypeVar

import structlog

from app.core.errors import DomainError

Item = TypeVar("Item")
Result = TypeVar("Result")

_log = structlog.get_logger("batching")


class QueueFull(DomainError):
    """Too much is waiting; the same request may be sent again."""

    code: ClassVar[str] = "BUSY"

    def __init__(self) -> None:
        super().__init__("The service is busy; please try again.")


class Batcher(Generic[Item, Result]):
    """Gathers calls while a batch is under way, then runs them together.

    `run` takes the items in order of arrival and returns one result each; at most `largest` at a time, in at most
    `in_flight` batches at once. A lone call costs what it costs alone; under load a round trip is shared. `linger`
    seconds are waited before each batch, for writes that nobody waits for. Beyond `queue` waiting items (None = no
    limit), calls raise QueueFull before memory grows. When `run` raises, every caller of that batch gets the exception.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        largest: int = 200,
        *,
        in_flight: int = 1,
        linger: float = 0.0,
        queue: int | None = None,
    ) -> None:
        self._run = run
        self._largest = largest
        self._in_flight = in_flight
        self._linger = linger
        self._queue = queue
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._drains: set[asyncio.Task[None]] = set()
        self._draining = 0

    async def __call__(self, item: Item) -> Result:
        """Add an item to the next batch and wait for its result."""
        return await self.begin(item)

    def send(self, item: Item) -> None:
        """Hand an item over without waiting; failures are logged, and somebody else has to notice."""
        self.begin(item).add_done_callback(_log_failure)

    async def close(self) -> None:
        """Wait until everything handed over is done."""
        while self._drains:
            await asyncio.gather(*self._drains, return_exceptions=True)

    def begin(self, item: Item) -> "asyncio.Future[Result]":
        """Add an item to the next batch; a future of its result, so that waiting for several takes no task each."""
        if self._queue is not None and len(self._waiting) >= self._queue:
            raise QueueFull
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._draining < self._in_flight:
            self._draining += 1
            task = asyncio.create_task(self._drain())
            self._drains.add(task)
            task.add_done_callback(self._drains.discard)
        return future

    async def _drain(self) -> None:
        # The count goes down in the same step that sees the queue empty, so that nothing is left waiting unseen.
        try:
            while self._waiting:
                if self._linger:
                    await asyncio.sleep(self._linger)
                batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                if batch:
                    await self._run_batch(batch)
        finally:
            self._draining -= 1

    async def _run_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([item for item, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _log_failure(future: "asyncio.Future[Result]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _log.warning("batched_write_failed", error=str(error)[:200])
