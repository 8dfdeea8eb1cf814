"""Storage of authorization codes."""

from datetime import datetime
from typing import cast

from app.core.database import Database, Index
from auth.authorizations.models import AuthorizationCodeDocument

COLLECTION = "codes"
INDEXES = {COLLECTION: [Index((("purge_at", 1),), expire_after=0)]}


class AuthorizationCodeRepository:
    """Stores codes, uses each up once, and remembers replays."""

    def __init__(self, database: Database) -> None:
        self._codes = database[COLLECTION]

    async def add(self, code: AuthorizationCodeDocument) -> None:
        """Store a code."""
        await self._codes.insert_one(dict(code))

    async def find(self, code_id: str) -> AuthorizationCodeDocument | None:
        """A code in whatever state."""
        return cast("AuthorizationCodeDocument | None", await self._codes.find_one({"_id": code_id}))

    async def use(self, code_id: str, now: datetime) -> bool:
        """Use the code up; True for exactly one caller."""
        unused = {"_id": code_id, "used_at": None, "expires_at": {"$gt": now}}
        return (await self._codes.update_one(unused, {"$set": {"used_at": now}})).modified_count == 1

    async def note_replay(self, code_id: str) -> bool:
        """Note that a used code was shown again; False when it was never used."""
        used = {"_id": code_id, "used_at": {"$ne": None}}
        return (await self._codes.update_one(used, {"$set": {"replayed": True}})).matched_count == 1
