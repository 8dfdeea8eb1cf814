"""Storage of WebAuthn challenges."""

import hashlib
from datetime import datetime

from app.core.database import Database, Index

COLLECTION = "challenges"
INDEXES = {COLLECTION: [Index((("expires_at", 1),), expire_after=0)]}


class ChallengeRepository:
    """Challenges, each for one purpose, one use and a few minutes."""

    def __init__(self, database: Database) -> None:
        self._challenges = database[COLLECTION]

    async def add(self, challenge: bytes, purpose: str, expires_at: datetime) -> None:
        """Store a challenge."""
        await self._challenges.insert_one({"_id": _digest(challenge), "purpose": purpose, "expires_at": expires_at})

    async def use(self, challenge: bytes, purpose: str, now: datetime) -> bool:
        """Use a live challenge of this purpose up; True for exactly one caller."""
        query = {"_id": _digest(challenge), "purpose": purpose, "expires_at": {"$gt": now}}
        return (await self._challenges.delete_one(query)).deleted_count == 1


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
