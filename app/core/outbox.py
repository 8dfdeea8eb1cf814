"""What must reach the outside: at least once, in order per key, retried for days, replayable.

A message is stored before anything is sent. Delivery is a job, so any number of processes may run; the receiver may see
a message twice and tells by its id.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from prometheus_client import Counter
from pymongo.errors import DuplicateKeyError

from app.core.clock import Clock
from app.core.database import Database, Document, Index

Handler = Callable[[Document], Awaitable[None]]

COLLECTION = "outbox"
INDEXES: dict[str, list[Index]] = {
    COLLECTION: [
        Index((("state", 1), ("key", 1), ("_id", 1))),
        Index((("state", 1), ("due_at", 1))),
        Index((("message_id", 1),), unique=True),
        Index((("done_at", 1),), expire_after=30 * 24 * 3600),
    ]
}
_RETRIES = [
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
]
_GIVE_UP_AFTER = timedelta(days=3)
_BATCH = 200

_delivered = Counter("stampbook_outbox_total", "Messages by kind and outcome", ["kind", "outcome"])
_log = structlog.get_logger("outbox")


class Outbox:
    """Stores messages and hands them to the handler of their kind."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._messages = database[COLLECTION]
        self._clock = clock
        self._handlers: dict[str, Handler] = {}

    def register(self, kind: str, handler: Handler) -> None:
        """Name who delivers a kind; the handler gets the payload and raises to have it retried."""
        self._handlers[kind] = handler

    async def add(self, kind: str, key: str, payload: Mapping[str, Any], *, message_id: str | None = None) -> None:
        """Store a message; with a `message_id` that is already there, nothing happens."""
        now = self._clock.now()
        identity = ObjectId()
        document = {
            "_id": identity,
            "message_id": message_id or str(identity),
            "kind": kind,
            "key": key,
            "payload": dict(payload),
            "state": "pending",
            "attempts": 0,
            "created_at": now,
            "due_at": now,
        }
        try:
            await self._messages.insert_one(document)
        except DuplicateKeyError:
            return

    async def deliver_due(self) -> int:
        """Deliver what is due, the oldest of each key first; returns how many were delivered."""
        now = self._clock.now()
        due = self._messages.find({"state": "pending", "due_at": {"$lte": now}}).sort("_id", 1).limit(_BATCH)
        stuck: set[str] = set()
        delivered = 0
        for message in await due.to_list():
            key = message["key"]
            if key in stuck:
                continue
            earlier = {"state": "pending", "key": key, "_id": {"$lt": message["_id"]}}
            if await self._messages.find_one(earlier, {"_id": 1}) or not await self._deliver(message):
                stuck.add(key)
            else:
                delivered += 1
        return delivered

    async def _deliver(self, message: Document) -> bool:
        now = self._clock.now()
        kind = message["kind"]
        try:
            await self._handlers[kind](message["payload"])
        except Exception as error:
            attempts = message["attempts"] + 1
            dead: bool = now - message["created_at"] > _GIVE_UP_AFTER
            wait = _RETRIES[min(attempts, len(_RETRIES)) - 1]
            _log.warning(
                "delivery_failed", kind=kind, key=message["key"], attempts=attempts, dead=dead, error=repr(error)
            )
            _delivered.labels(kind, "dead" if dead else "retry").inc()
            change = {"attempts": attempts, "due_at": now + wait, "error": repr(error)[:500]}
            await self._messages.update_one(
                {"_id": message["_id"]}, {"$set": {**change, "state": "dead" if dead else "pending"}}
            )
            return dead
        _delivered.labels(kind, "done").inc()
        await self._messages.update_one({"_id": message["_id"]}, {"$set": {"state": "done", "done_at": now}})
        return True

    async def replay(self, key: str | None = None) -> int:
        """Put dead messages (of one key, or all) back in line; returns how many."""
        chosen: Document = {"state": "dead"} if key is None else {"state": "dead", "key": key}
        now = self._clock.now()
        back = {"state": "pending", "due_at": now, "created_at": now}
        return (await self._messages.update_many(chosen, {"$set": back})).modified_count
