"""One rate limiter for every part: the generic cell rate algorithm (GCRA), hits in flight sharing one command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from pymongo import UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from app.core.batching import Batcher
from app.core.clock import Clock
from app.core.database import Database, Index
from app.core.errors import DomainError

COLLECTION = "limits"
_DUPLICATE_KEY = 11000
INDEXES: dict[str, list[Index]] = {COLLECTION: [Index((("expires_at", 1),), expire_after=0)]}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` hits at once, regained evenly over `per`."""

    count: int
    per: timedelta


class RateLimited(DomainError):
    """Too many hits; `retry_after` is the time until the next one may pass."""

    code: ClassVar[str] = "RATE_LIMITED"

    def __init__(self, retry_after: timedelta) -> None:
        seconds = max(1, -int(-retry_after.total_seconds() // 1))
        super().__init__(f"Too many tries. Please wait {seconds} seconds and try again.")
        self.retry_after = retry_after

    @property
    def seconds(self) -> int:
        """Whole seconds for a `Retry-After` header, rounded up."""
        return max(1, -int(-self.retry_after.total_seconds() // 1))


class Limiter:
    """Counts hits per key across all processes; hits in flight at once share one command.

    Losing a count to a crash harms nobody, so the collection is written without waiting for the journal.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._limits = database.get_collection(
            COLLECTION, write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local")
        )
        self._clock = clock
        self._refused_until = Batcher(self._hit_all)

    async def hit(self, key: str, limit: Limit) -> None:
        """Count one hit; raises RateLimited, without counting it, when there were too many."""
        for _ in range(3):
            now = self._clock.now()
            latest = now + limit.per - limit.per / limit.count
            arrival = await self._refused_until(_Hit(key, now, latest, limit.per / limit.count))
            if arrival is None:
                return
            if arrival > latest:
                raise RateLimited(arrival - latest)
        raise RateLimited(limit.per / limit.count)

    async def _hit_all(self, hits: Sequence["_Hit"]) -> list[datetime | None]:
        """None for each hit that passed, else the arrival time that stood in its way."""
        # A key that is too far ahead matches nothing; inserting it anew then fails on its id, and only for that item.
        updates = [
            UpdateOne(
                {"_id": hit.key, "arrival": {"$lte": hit.latest}},
                [
                    {"$set": {"arrival": {"$add": [{"$max": ["$arrival", hit.now]}, hit.milliseconds]}}},
                    {"$set": {"expires_at": "$arrival"}},
                ],
                upsert=True,
            )
            for hit in hits
        ]
        try:
            await self._limits.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise
            refused = {failure["index"] for failure in failures}
        else:
            return [None] * len(hits)
        keys = [hits[index].key for index in refused]
        found = {known["_id"]: known["arrival"] for known in await self._limits.find({"_id": {"$in": keys}}).to_list()}
        return [found.get(hit.key, hit.latest) if index in refused else None for index, hit in enumerate(hits)]


@dataclass(frozen=True, slots=True)
class _Hit:
    key: str
    now: datetime
    latest: datetime
    interval: timedelta

    @property
    def milliseconds(self) -> int:
        return int(self.interval.total_seconds() * 1000)
