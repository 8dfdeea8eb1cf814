"""Storage of pairings."""

from datetime import datetime
from typing import cast

from pymongo import ReturnDocument

from app.core.database import Database, Index
from auth.tills.models import PairingDocument

COLLECTION = "pairings"
INDEXES = {COLLECTION: [Index((("purge_at", 1),), expire_after=0)]}


class PairingRepository:
    """Stores pairings and uses each up once."""

    def __init__(self, database: Database) -> None:
        self._pairings = database[COLLECTION]

    async def add(self, pairing: PairingDocument) -> None:
        """Store a pairing."""
        await self._pairings.insert_one(dict(pairing))

    async def use(self, pairing_id: str, now: datetime) -> PairingDocument | None:
        """Use a live pairing up; None when there is none."""
        after = await self._pairings.find_one_and_update(
            {"_id": pairing_id, "used_at": None, "expires_at": {"$gt": now}},
            {"$set": {"used_at": now}},
            return_document=ReturnDocument.AFTER,
        )
        return cast("PairingDocument | None", after)
