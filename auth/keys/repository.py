"""Storage of signing keys."""

from datetime import datetime
from typing import Any, cast

from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from auth.keys.models import Algorithm, KeyDocument, KeyState

COLLECTION = "keys"
INDEXES = {
    COLLECTION: [
        # One active and one next key for each algorithm, however many processes start at once.
        Index((("alg", 1), ("state", 1)), unique=True, partial={"state": "active"}, name="one_active"),
        Index((("alg", 1),), unique=True, partial={"state": "next"}, name="one_next"),
    ]
}


class KeyRepository:
    """Reads and writes keys."""

    def __init__(self, database: Database) -> None:
        self._keys = database[COLLECTION]

    async def all(self) -> list[KeyDocument]:
        """Every key, oldest first."""
        return cast("list[KeyDocument]", await self._keys.find().sort([("created_at", 1), ("_id", 1)]).to_list())

    async def add(self, key: KeyDocument) -> bool:
        """Store a key; False when its place is taken."""
        try:
            await self._keys.insert_one(dict(key))
        except DuplicateKeyError:
            return False
        return True

    async def move(self, alg: Algorithm, source: KeyState, target: KeyState, changes: dict[str, Any]) -> bool:
        """Move the algorithm's key from one state to another; False when there is none or its new place is taken."""
        try:
            result = await self._keys.update_one({"alg": alg, "state": source}, {"$set": {"state": target, **changes}})
        except DuplicateKeyError:
            return False
        return result.modified_count == 1

    async def drop_retired(self, before: datetime) -> int:
        """Remove the keys that were retired before an instant."""
        return (await self._keys.delete_many({"state": "retired", "retired_at": {"$lt": before}})).deleted_count

    async def drop_all(self) -> None:
        """Remove every key at once."""
        await self._keys.delete_many({})
