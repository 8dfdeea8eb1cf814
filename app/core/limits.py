"""One rate limiter for every part: the generic cell rate algorithm (GCRA), one MongoDB update per hit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from app.core.clock import Clock
from app.core.database import Database, Document, Index
from app.core.errors import DomainError

COLLECTION = "limits"
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
    """Counts hits per key across all processes.

    Losing a count to a crash harms nobody, so the collection is written without waiting for the journal.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._limits = database.get_collection(COLLECTION, write_concern=WriteConcern(w=1, j=False))
        self._clock = clock

    async def hit(self, key: str, limit: Limit) -> None:
        """Count one hit; raises RateLimited, without counting it, when there were too many."""
        now = self._clock.now()
        interval = limit.per / limit.count
        latest = now + limit.per - interval
        step = int(interval.total_seconds() * 1000)
        start = {"$max": [{"$ifNull": ["$arrival", now]}, now]}
        passes = {"$lte": [start, latest]}
        update: list[Document] = [
            {"$set": {"passed": passes, "arrival": {"$cond": [passes, {"$add": [start, step]}, start]}}},
            {"$set": {"expires_at": "$arrival"}},
        ]
        for _ in range(3):
            try:
                after = await self._limits.find_one_and_update(
                    {"_id": key}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                continue
            if after is None or after["passed"]:
                return
            raise RateLimited(after["arrival"] - latest)
        raise RateLimited(interval)
