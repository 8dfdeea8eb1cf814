"""Storage of security events."""

from datetime import datetime
from typing import Any, cast

from app.core.database import Database, Index
from auth.events.models import SecurityEventDocument

COLLECTION = "auth_events"
INDEXES = {
    COLLECTION: [
        Index((("identity_id", 1), ("at", -1), ("_id", -1))),
        Index((("type", 1), ("at", -1))),
        Index((("purge_at", 1),), expire_after=0),
    ]
}


class SecurityEventRepository:
    """Appends and pages events."""

    def __init__(self, database: Database) -> None:
        self._events = database[COLLECTION]

    async def add(self, event: SecurityEventDocument) -> None:
        """Store an event."""
        await self._events.insert_one(dict(event))

    async def page(
        self, identity_id: str, first: int, before: tuple[datetime, str] | None
    ) -> list[SecurityEventDocument]:
        """The newest `first` events of an identity, those before the (at, id) key if given."""
        query: dict[str, Any] = {"identity_id": identity_id}
        if before is not None:
            at, event_id = before
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": event_id}}]
        found = await self._events.find(query).sort([("at", -1), ("_id", -1)]).limit(first).to_list()
        return cast("list[SecurityEventDocument]", found)
