"""What changed, as it happens: one change stream a process, fanned out to whoever listens to a topic."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from pymongo.errors import PyMongoError

from app.core.database import Database, Document
from app.core.tasks import end

TopicOf = Callable[[Document], str | None]
_BACKLOG = 64
_log = structlog.get_logger("changes")


@dataclass(frozen=True, slots=True)
class Change:
    """A stored document that was inserted or changed, with its `_id` and the fields that the feed was asked for.

    `collection` is empty when changes may have been missed.
    """

    collection: str
    document: Document


_MISSED = Change("", {})


class ChangeFeed:
    """Listens to the named collections and tells listeners of a topic what changed.

    `topics` says of each collection which topic a document belongs to; `fields` are what of a document is told: to
    decode every entry whole costs a busy process half as much as to post it. A listener that falls behind, or that a
    broken stream kept in the dark, gets one empty Change and reads the state anew.
    """

    def __init__(self, database: Database, topics: Mapping[str, TopicOf], fields: Sequence[str]) -> None:
        self._database = database
        self._topics = topics
        self._fields = fields
        self._listeners: defaultdict[str, set[asyncio.Queue[Change]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._open = asyncio.Event()

    @property
    def healthy(self) -> bool:
        """Whether the stream is open."""
        return self._task is not None and not self._task.done() and self._open.is_set()

    async def start(self) -> None:
        """Open the stream; returns when changes from now on will be seen."""
        self._task = asyncio.create_task(self._run(), name="changes")
        await self._open.wait()

    async def stop(self) -> None:
        """Close the stream."""
        task, self._task = self._task, None
        if task is not None:
            await end(task)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[AsyncIterator[Change]]:
        """Listen to one topic; every change after entering is delivered."""
        queue: asyncio.Queue[Change] = asyncio.Queue(_BACKLOG)
        self._listeners[topic].add(queue)
        try:
            yield _drain(queue)
        finally:
            self._listeners[topic].discard(queue)
            if not self._listeners[topic]:
                del self._listeners[topic]

    async def _run(self) -> None:
        told = {"ns.coll": 1, "fullDocument._id": 1} | {f"fullDocument.{name}": 1 for name in self._fields}
        wanted: list[Mapping[str, object]] = [
            {
                "$match": {
                    "ns.coll": {"$in": list(self._topics)},
                    "operationType": {"$in": ["insert", "update", "replace"]},
                }
            },
            {"$project": told},
        ]
        resume: Mapping[str, object] | None = None
        while True:
            try:
                async with await self._database.watch(
                    wanted, full_document="updateLookup", resume_after=resume, max_await_time_ms=1000
                ) as stream:
                    self._open.set()
                    while stream.alive:
                        event = await stream.try_next()
                        resume = stream.resume_token
                        if event is not None and event.get("fullDocument") is not None:
                            self._tell(Change(event["ns"]["coll"], event["fullDocument"]))
            except PyMongoError as error:
                self._open.clear()
                _log.warning("change_stream_broken", error=str(error)[:200])
                resume = None
                for queues in self._listeners.values():
                    for queue in queues:
                        _offer(queue, _MISSED)
                await asyncio.sleep(0.5)

    def _tell(self, change: Change) -> None:
        topic = self._topics[change.collection](change.document)
        for queue in self._listeners.get(topic, ()) if topic else ():
            _offer(queue, change)


def _offer(queue: asyncio.Queue[Change], change: Change) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        change = _MISSED
    queue.put_nowait(change)


async def _drain(queue: asyncio.Queue[Change]) -> AsyncIterator[Change]:
    while True:
        yield await queue.get()
