"""Issued Google passes, in MongoDB."""

from collections.abc import AsyncIterator
from typing import Final, TypedDict, cast

from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index

INDEXES: dict[str, list[Index]] = {"google_passes": [Index((("member_id", 1),), unique=True)]}
_CHUNK: Final = 200


class PassDocument(TypedDict):
    """An issued pass; `_id` is its object id at Google, `fingerprint` what it was last told of the member."""

    _id: str
    member_id: str
    fingerprint: str


class GoogleRepository:
    """The collection `google_passes`."""

    def __init__(self, database: Database) -> None:
        self._passes = database["google_passes"]

    async def pass_of(self, member_id: str) -> PassDocument | None:
        """A member's pass."""
        return cast("PassDocument | None", await self._passes.find_one({"member_id": member_id}))

    async def add(self, issued: PassDocument) -> PassDocument:
        """Store a member's first pass, or find the one that was stored meanwhile."""
        try:
            await self._passes.insert_one(dict(issued))
        except DuplicateKeyError:
            return cast("PassDocument", await self._passes.find_one({"member_id": issued["member_id"]}))
        return issued

    async def told(self, object_id: str, fingerprint: str) -> None:
        """Note what Google is told."""
        await self._passes.update_one({"_id": object_id}, {"$set": {"fingerprint": fingerprint}})

    async def all(self) -> AsyncIterator[list[PassDocument]]:
        """Every pass, in chunks."""
        last = ""
        while chunk := await self._passes.find({"_id": {"$gt": last}}).sort("_id", 1).limit(_CHUNK).to_list():
            yield cast("list[PassDocument]", chunk)
            last = chunk[-1]["_id"]

    async def erase(self, member_id: str) -> None:
        """Remove a member's pass."""
        await self._passes.delete_one({"member_id": member_id})
