"""The `purchases` and `earning_days` collections."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, ExecutionTimeout, WTimeoutError

from app.core.database import Database, Index
from app.purchases.errors import Busy
from app.purchases.models import (
    DayOfSales,
    LateCount,
    PastSale,
    Purchase,
    PurchaseLine,
    Return,
    StoredContext,
)

COLLECTION = "purchases"
DAYS = "earning_days"
INDEXES: dict[str, list[Index]] = {
    COLLECTION: [
        Index((("till", 1), ("idempotency_key", 1)), unique=True),
        Index((("receipt_number", 1), ("store", 1), ("business_date", -1))),
        Index((("member", 1), ("occurred_at", -1), ("_id", -1))),
        Index((("till", 1), ("received_at", -1))),
        Index((("business_date", 1), ("earned", 1))),
        Index((("posting", 1), ("received_at", 1)), partial={"posting": True}),
        Index((("returns.id", 1),), unique=True, partial={"returns.id": {"$exists": True}}),
        Index((("member", 1), ("returns.occurred_at", -1)), partial={"returns.occurred_at": {"$exists": True}}),
    ],
    DAYS: [Index((("changed_at", 1),), expire_after=600 * 24 * 3600)],
}
_DUPLICATE = 11000
_PAST = ("occurred_at", "qualifying", "context", "revision", "returns.occurred_at", "returns.qualifying_total")
_AWAY = (ConnectionFailure, ExecutionTimeout, WTimeoutError)


class Insertion(Enum):
    """Whether a purchase went in, or one of its unique keys was there before."""

    DONE = "done"
    EXISTS = "exists"


class PurchaseRepository:
    """Reads and stores purchases. Raises Busy while the database is away; whether a write happened is unknown then."""

    def __init__(self, database: Database) -> None:
        self._purchases = database[COLLECTION]
        self._days = database[DAYS]

    async def insert_many(self, purchases: Sequence[Purchase]) -> list[Insertion]:
        """Insert what is new; the answers are in the order of the purchases."""
        answers = [Insertion.DONE] * len(purchases)
        try:
            await self._purchases.insert_many([dict(purchase) for purchase in purchases], ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if error.details.get("writeConcernErrors") or any(failure["code"] != _DUPLICATE for failure in failures):
                raise Busy from error
            for failure in failures:
                answers[failure["index"]] = Insertion.EXISTS
        except _AWAY as error:
            raise Busy from error
        return answers

    async def withdraw(self, purchase_id: str, digest: str) -> None:
        """Remove a sale that was not settled yet, as it was recorded with this digest."""
        await self._purchases.delete_one({"_id": purchase_id, "digest": digest, "posting": True, "returns": []})

    async def has_key(self, till: str, idempotency_key: str) -> bool:
        """Whether a till used this key for a sale."""
        return await self._purchases.count_documents({"till": till, "idempotency_key": idempotency_key}, limit=1) > 0

    async def mark_settled(self, purchase_ids: Sequence[str]) -> list[None]:
        """Note that these sales, not changed since, need no more posting; one answer each."""
        await self._purchases.update_many(
            {"_id": {"$in": list(purchase_ids)}, "revision": 0}, {"$unset": {"posting": ""}}
        )
        return [None] * len(purchase_ids)

    async def mark_returns_settled(self, purchase_id: str, revision: int) -> None:
        """Note that a purchase, not changed since `revision`, and all its returns need no more posting."""
        await self._purchases.update_one(
            {"_id": purchase_id, "revision": revision}, {"$unset": {"posting": "", "returns.$[].posting": ""}}
        )

    async def add_return(self, purchase: Purchase, lines: Sequence[PurchaseLine], addition: Return) -> Insertion | None:
        """Add a return and the new state of the lines; None when the purchase changed since it was read."""
        try:
            changed = await self._purchases.update_one(
                {"_id": purchase["_id"], "revision": purchase["revision"]},
                {
                    "$set": {"lines": list(lines), "posting": True},
                    "$push": {"returns": addition},
                    "$inc": {"revision": 1},
                },
            )
        except DuplicateKeyError:
            return Insertion.EXISTS
        except _AWAY as error:
            raise Busy from error
        return Insertion.DONE if changed.modified_count else None

    async def recount(
        self,
        purchase: Purchase,
        context: StoredContext,
        lines: Sequence[PurchaseLine],
        late: LateCount | None,
    ) -> bool:
        """Note that a sale is judged in another context now, and earns more; False when it changed meanwhile."""
        changes: dict[str, Any] = {"$set": {"context": context}, "$inc": {"revision": 1}}
        if late is not None:
            changes["$set"] |= {"lines": list(lines), "posting": True}
            changes["$inc"] |= {"earned": late["points"], "qualifying": late["qualifying"]}
            changes["$push"] = {"late": late}
        try:
            done = await self._purchases.update_one({"_id": purchase["_id"], "revision": purchase["revision"]}, changes)
        except _AWAY as error:
            raise Busy from error
        return done.modified_count > 0

    async def history(self, members: Sequence[str], since: datetime) -> list[PastSale]:
        """Sales of these members since an instant, in the order in which they happened."""
        found = self._purchases.find(
            {"member": {"$in": list(members)}, "occurred_at": {"$gte": since}},
            dict.fromkeys(_PAST, 1),
            sort=[("occurred_at", 1), ("_id", 1)],
        )
        try:
            return cast("list[PastSale]", await found.to_list())
        except _AWAY as error:
            raise Busy from error

    async def by_id(self, purchase_id: str) -> Purchase | None:
        """One purchase."""
        return await self._one({"_id": purchase_id})

    async def by_ids(self, purchase_ids: Sequence[str]) -> dict[str, Purchase]:
        """Purchases by id; unknown ids are left out."""
        found = await self._purchases.find({"_id": {"$in": list(purchase_ids)}}).to_list()
        return {document["_id"]: cast("Purchase", document) for document in found}

    async def by_return(self, return_id: str) -> Purchase | None:
        """The purchase that a return belongs to."""
        return await self._one({"returns.id": return_id})

    async def by_receipt(
        self, receipt_number: str, store: str | None, business_date: str | None, first: int
    ) -> list[Purchase]:
        """Purchases with a receipt number, in a store or any, on a day or any, newest day first."""
        query: dict[str, Any] = {"receipt_number": receipt_number}
        if store is not None:
            query["store"] = store
        if business_date is not None:
            query["business_date"] = business_date
        return await self._many(query, [("business_date", -1)], first)

    async def recent(self, till: str, first: int) -> list[Purchase]:
        """What a till sent in last, newest first."""
        return await self._many({"till": till}, [("received_at", -1)], first)

    async def of_members(
        self, members: Sequence[str], after: tuple[datetime, str] | None, first: int
    ) -> list[Purchase]:
        """Purchases of these members, latest first, after (occurred at, id) of the last one seen."""
        query: dict[str, Any] = {"member": {"$in": list(members)} if len(members) != 1 else members[0]}
        if after is not None:
            occurred_at, purchase_id = after
            query["$or"] = [
                {"occurred_at": {"$lt": occurred_at}},
                {"occurred_at": occurred_at, "_id": {"$lt": purchase_id}},
            ]
            query["occurred_at"] = {"$lte": occurred_at}
        return await self._many(query, [("occurred_at", -1), ("_id", -1)], first)

    async def returns_of_members(
        self, members: Sequence[str], after: tuple[datetime, str] | None, first: int
    ) -> list[tuple[Purchase, Return]]:
        """Returns of these members' purchases, each with its sale, latest first, after (occurred at, id) of one."""
        later: dict[str, Any] = {}
        if after is not None:
            occurred_at, return_id = after
            later["$or"] = [
                {"returns.occurred_at": {"$lt": occurred_at}},
                {"returns.occurred_at": occurred_at, "returns.id": {"$lt": return_id}},
            ]
        rows = await self._purchases.aggregate(
            [
                {"$match": {"member": {"$in": list(members)}, "returns.occurred_at": {"$exists": True}}},
                {"$set": {"purchase": "$$ROOT"}},
                {"$unwind": "$returns"},
                {"$match": later},
                {"$sort": {"returns.occurred_at": -1, "returns.id": -1}},
                {"$limit": first},
                {"$project": {"purchase": 1, "return": "$returns"}},
            ]
        )
        return [(row["purchase"], row["return"]) async for row in rows]

    async def unsettled(self, received_before: datetime, first: int) -> list[Purchase]:
        """Purchases whose posting was not confirmed, oldest first."""
        query = {"posting": True, "received_at": {"$lte": received_before}}
        return await self._many(query, [("received_at", 1)], first)

    async def by_day(self, first_day: str) -> list[DayOfSales]:
        """Number of sales and points earned on each business day from `first_day` on, read from the index alone."""
        rows = await self._purchases.aggregate(
            [
                {"$match": {"business_date": {"$gte": first_day}}},
                {"$group": {"_id": "$business_date", "purchases": {"$sum": 1}, "earned": {"$sum": "$earned"}}},
                {"$sort": {"_id": 1}},
            ]
        )
        return [DayOfSales(row["_id"], row["purchases"], row["earned"]) async for row in rows]

    async def earned_before(self, key: str, purchase_id: str, wanted: int, cap: int, now: datetime) -> int:
        """Set aside up to `wanted` of a day's cap for a purchase, and answer how much others had before it.

        One atomic update; asking again for the same purchase gives the same answer.
        """
        used = {"$sum": {"$map": {"input": {"$objectToArray": "$grants"}, "in": "$$this.v"}}}
        document = await self._days.find_one_and_update(
            {"_id": key},
            [
                {
                    "$set": {
                        "grants": {"$ifNull": ["$grants", {}]},
                        "before": {"$ifNull": ["$before", {}]},
                        "changed_at": now,
                    }
                },
                {"$set": {f"before.{purchase_id}": {"$ifNull": [f"$before.{purchase_id}", used]}}},
                {
                    "$set": {
                        f"grants.{purchase_id}": {
                            "$ifNull": [
                                f"$grants.{purchase_id}",
                                {
                                    "$min": [
                                        wanted,
                                        {"$max": [0, {"$subtract": [cap, f"$before.{purchase_id}"]}]},
                                    ]
                                },
                            ]
                        }
                    }
                },
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(cast("dict[str, Any]", document)["before"][purchase_id])

    async def forget_earned(self, key: str, purchase_id: str) -> None:
        """Give back what was set aside of a day's cap for a purchase that did not come about."""
        await self._days.update_one(
            {"_id": key}, {"$unset": {f"grants.{purchase_id}": "", f"before.{purchase_id}": ""}}
        )

    async def _one(self, query: dict[str, Any]) -> Purchase | None:
        try:
            return cast("Purchase | None", await self._purchases.find_one(query))
        except _AWAY as error:
            raise Busy from error

    async def _many(self, query: dict[str, Any], sort: list[tuple[str, int]], first: int) -> list[Purchase]:
        return cast("list[Purchase]", await self._purchases.find(query, sort=sort, limit=first).to_list())
