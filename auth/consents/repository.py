"""Storage of consents."""

from collections.abc import Sequence
from datetime import datetime

from app.core.database import Database, Index

COLLECTION = "consents"
INDEXES = {COLLECTION: [Index((("identity_id", 1),))]}


class ConsentRepository:
    """What each identity allowed each client."""

    def __init__(self, database: Database) -> None:
        self._consents = database[COLLECTION]

    async def scopes(self, identity_id: str, client_id: str) -> frozenset[str]:
        """The scopes that were allowed."""
        found = await self._consents.find_one({"_id": f"{identity_id}:{client_id}"})
        return frozenset(found["scopes"]) if found else frozenset()

    async def allow(self, identity_id: str, client_id: str, scopes: Sequence[str], now: datetime) -> None:
        """Allow more scopes."""
        await self._consents.update_one(
            {"_id": f"{identity_id}:{client_id}"},
            {
                "$addToSet": {"scopes": {"$each": list(scopes)}},
                "$set": {"at": now, "identity_id": identity_id, "client_id": client_id},
            },
            upsert=True,
        )
