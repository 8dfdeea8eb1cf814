"""Storage of one-time codes; each step is one atomic update."""

from datetime import datetime
from typing import cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from auth.codes.models import CodeDocument

COLLECTION = "otps"
INDEXES = {COLLECTION: [Index((("purge_at", 1),), expire_after=0)]}


class CodeRepository:
    """Replaces, counts tries at, and uses up codes."""

    def __init__(self, database: Database) -> None:
        self._codes = database[COLLECTION]

    async def replace(self, code: CodeDocument, sent_before: datetime) -> bool:
        """Put a code in the place of the last one, unless that is live and was sent after `sent_before`."""
        replaceable = {"_id": code["_id"], "$or": [{"sent_at": {"$lte": sent_before}}, {"used_at": {"$ne": None}}]}
        try:
            await self._codes.replace_one(replaceable, dict(code), upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def live_since(self, code_id: str) -> datetime | None:
        """When the code was sent, unless it has been used."""
        found = await self._codes.find_one({"_id": code_id, "used_at": None}, {"sent_at": 1})
        return None if found is None else cast("datetime", found["sent_at"])

    async def count_try(self, code_id: str, now: datetime, most: int) -> CodeDocument | None:
        """Count one try at the live code and return it; None when there is no live code or its tries are spent."""
        after = await self._codes.find_one_and_update(
            {"_id": code_id, "used_at": None, "expires_at": {"$gt": now}, "tries": {"$lt": most}},
            {"$inc": {"tries": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return cast("CodeDocument | None", after)

    async def use(self, code: CodeDocument, now: datetime) -> bool:
        """Use the code up; returns False when somebody else just did."""
        live = {"_id": code["_id"], "mac": code["mac"], "used_at": None}
        return (await self._codes.update_one(live, {"$set": {"used_at": now}})).modified_count == 1
