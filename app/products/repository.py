"""The `products` collection."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from pymongo.errors import BulkWriteError

from app.core.cursors import number_key
from app.core.database import Database, Index, ensure_indexes
from app.products.models import Product

COLLECTION = "products"
INDEXES: dict[str, list[Index]] = {
    COLLECTION: [
        Index((("sku", 1),), unique=True),
        # "$gt" and not "$type": the planner uses a partial index only for queries that it sees are inside it.
        Index((("barcode", 1),), unique=True, partial={"barcode": {"$gt": ""}}),
        Index((("words", 1), ("popularity", -1), ("_id", 1))),
        Index((("popularity", -1), ("_id", 1))),
    ]
}
_DUPLICATE = 11000


class ProductRepository:
    """Reads and stores products."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._products = database[COLLECTION]

    async def by_ids(self, product_ids: Sequence[str]) -> dict[str, Product]:
        """Products by id; unknown ids are left out."""
        found = await self._products.find({"_id": {"$in": list(product_ids)}}).to_list()
        return {product["_id"]: cast("Product", product) for product in found}

    async def by_field(self, field: str, values: Sequence[str]) -> dict[str, Product]:
        """Products by "sku" or "barcode"; unknown values are left out."""
        found = await self._products.find({field: {"$in": list(values), "$gt": ""}}).to_list()
        return {product[field]: cast("Product", product) for product in found}

    async def matching(self, conditions: Sequence[Mapping[str, Any]], after: str | None, limit: int) -> list[Product]:
        """Products that meet all conditions (none = the whole catalogue), most bought first, after a cursor.

        The order is made from index keys alone where one condition is all; only the page's products are fetched.
        """
        wanted = [*conditions, *([_beyond(after)] if after else [])]
        query = {"$and": wanted} if wanted else {}
        order = [("popularity", -1), ("_id", 1)]
        keys = await self._products.find(query, {"popularity": 1}, sort=order, limit=limit).to_list()
        found = await self.by_ids([key["_id"] for key in keys])
        return [found[key["_id"]] for key in keys if key["_id"] in found]

    async def insert_many(self, products: Sequence[Product]) -> int:
        """Store new products; those that exist stay as they are. Returns how many are new."""
        try:
            await self._products.insert_many([dict(product) for product in products], ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE for failure in failures):
                raise
            return len(products) - len(failures)
        return len(products)

    @asynccontextmanager
    async def filling(self) -> AsyncIterator[None]:
        """While an empty collection is being filled, do without its indexes; making them afterwards halves the work.

        Should the process end in between, the next start makes them.
        """
        if await self.count():
            yield
            return
        await self._products.drop_indexes()
        try:
            yield
        finally:
            await ensure_indexes(self._database, INDEXES)

    async def count(self) -> int:
        """About how many products there are."""
        return await self._products.estimated_document_count()


def _beyond(cursor: str) -> dict[str, Any]:
    popularity, product_id = number_key(cursor)
    return {"$or": [{"popularity": {"$lt": popularity}}, {"popularity": popularity, "_id": {"$gt": product_id}}]}
