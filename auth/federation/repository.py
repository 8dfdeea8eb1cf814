"""Storage of attempts to sign in with an outside provider."""

from datetime import datetime
from typing import cast

from app.core.database import Database, Index
from auth.federation.models import AttemptDocument

COLLECTION = "logins"
INDEXES = {COLLECTION: [Index((("expires_at", 1),), expire_after=0)]}


class AttemptRepository:
    """Stores attempts and gives each back once."""

    def __init__(self, database: Database) -> None:
        self._attempts = database[COLLECTION]

    async def add(self, attempt: AttemptDocument) -> None:
        """Store an attempt."""
        await self._attempts.insert_one(dict(attempt))

    async def take(self, attempt_id: str, provider: str, binding: str, now: datetime) -> AttemptDocument | None:
        """Take the live attempt of this provider and browser; for exactly one caller."""
        query = {"_id": attempt_id, "provider": provider, "binding": binding, "expires_at": {"$gt": now}}
        return cast("AttemptDocument | None", await self._attempts.find_one_and_delete(query))
