"""The `stores` collection."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pymongo.errors import BulkWriteError

from app.core.database import Database, Index
from app.stores.models import Store

COLLECTION = "stores"
INDEXES: dict[str, list[Index]] = {
    COLLECTION: [
        Index((("number", 1),), unique=True),
        Index((("name", 1), ("_id", 1))),
        Index((("words", 1), ("name", 1), ("_id", 1))),
    ]
}
_DUPLICATE = 11000


class StoreRepository:
    """Reads and stores the programme's stores."""

    def __init__(self, database: Database) -> None:
        self._stores = database[COLLECTION]

    async def by_ids(self, store_ids: Sequence[str]) -> dict[str, Store]:
        """Stores by id; unknown ids are left out."""
        found = await self._stores.find({"_id": {"$in": list(store_ids)}}).to_list()
        return {store["_id"]: cast("Store", store) for store in found}

    async def matching(self, conditions: Sequence[Mapping[str, Any]], limit: int) -> list[Store]:
        """Stores that meet all conditions, in order of name."""
        query = {"$and": list(conditions)} if conditions else {}
        found = await self._stores.find(query, sort=[("name", 1), ("_id", 1)], limit=limit).to_list()
        return cast("list[Store]", found)

    async def insert_many(self, stores: Sequence[Store]) -> int:
        """Store new stores; those that exist stay as they are. Returns how many are new."""
        try:
            await self._stores.insert_many([dict(store) for store in stores], ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE for failure in failures):
                raise
            return len(stores) - len(failures)
        return len(stores)
