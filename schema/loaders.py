"""Batched reads: ids asked for in one turn of the event loop become one query."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")


class Loader(Generic[V]):
    """Loads documents by id, each once per operation; a missing one is None.

    Lives as long as one operation and never longer, so that nothing is remembered across callers.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]) -> None:
        self._fetch = fetch
        self._known: dict[str, asyncio.Future[V | None]] = {}
        self._waiting: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, key: str) -> asyncio.Future[V | None]:
        """The document of an id, in one query with all others asked for in this turn."""
        known = self._known.get(key)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        future: asyncio.Future[V | None] = loop.create_future()
        self._known[key] = future
        if not self._waiting:
            loop.call_soon(self._start)
        self._waiting.append(key)
        return future

    def prime(self, key: str, value: V) -> None:
        """Remember a document that was read another way."""
        future: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        future.set_result(value)
        self._known[key] = future

    def forget(self) -> None:
        """Forget everything read so far, after something was written."""
        self._known.clear()

    def _start(self) -> None:
        keys, self._waiting = self._waiting, []
        asked = [(key, self._known[key]) for key in keys if key in self._known]
        task = asyncio.get_running_loop().create_task(self._load(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _load(self, asked: Sequence[tuple[str, "asyncio.Future[V | None]"]]) -> None:
        try:
            found = await self._fetch([key for key, _ in asked])
        except Exception as error:
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
                    # Nobody may be waiting any more, which is no error of its own.
                    future.exception()
            return
        for key, future in asked:
            if not future.done():
                future.set_result(found.get(key))
