"""Storage of address changes that can still be undone."""

from datetime import datetime
from typing import TypedDict, cast

from app.core.database import Database, Index

COLLECTION = "contact_changes"
INDEXES = {COLLECTION: [Index((("expires_at", 1),), expire_after=0)]}


class ContactChangeDocument(TypedDict):
    """A change; `_id` is the SHA-256 of the undo token that was mailed to the old address."""

    _id: str
    identity_id: str
    old: str
    new: str
    changed_at: datetime
    expires_at: datetime


class ContactChangeRepository:
    """Stores changes and gives each back once."""

    def __init__(self, database: Database) -> None:
        self._changes = database[COLLECTION]

    async def add(self, change: ContactChangeDocument) -> None:
        """Store a change."""
        await self._changes.insert_one(dict(change))

    async def exists(self, change_id: str, now: datetime) -> bool:
        """Whether the change can still be undone."""
        return await self._changes.find_one({"_id": change_id, "expires_at": {"$gt": now}}, {"_id": 1}) is not None

    async def take(self, change_id: str, now: datetime) -> ContactChangeDocument | None:
        """Take a change that can still be undone; for exactly one caller."""
        found = await self._changes.find_one_and_delete({"_id": change_id, "expires_at": {"$gt": now}})
        return cast("ContactChangeDocument | None", found)
