"""Storage of session transfers."""

from datetime import datetime
from typing import TypedDict, cast

from app.core.database import Database, Index

COLLECTION = "transfers"
INDEXES = {COLLECTION: [Index((("purge_at", 1),), expire_after=0)]}


class TransferDocument(TypedDict):
    """A transfer; `_id` is the SHA-256 of its value, `target` the client that may take it."""

    _id: str
    grant_id: str
    identity_id: str
    target: str
    expires_at: datetime
    used_at: datetime | None
    purge_at: datetime


class TransferRepository:
    """Stores transfers and uses each up once."""

    def __init__(self, database: Database) -> None:
        self._transfers = database[COLLECTION]

    async def add(self, transfer: TransferDocument) -> None:
        """Store a transfer."""
        await self._transfers.insert_one(dict(transfer))

    async def find(self, transfer_id: str) -> TransferDocument | None:
        """A transfer in whatever state."""
        return cast("TransferDocument | None", await self._transfers.find_one({"_id": transfer_id}))

    async def use(self, transfer_id: str, target: str, now: datetime) -> bool:
        """Use a live transfer up; True for exactly one caller."""
        live = {"_id": transfer_id, "target": target, "used_at": None, "expires_at": {"$gt": now}}
        return (await self._transfers.update_one(live, {"$set": {"used_at": now}})).modified_count == 1
