"""Passes and the phones that keep them, in MongoDB."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, TypedDict, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index

INDEXES: dict[str, list[Index]] = {
    "apple_passes": [Index((("member_id", 1),), unique=True), Index((("registered", 1), ("_id", 1)))],
    "apple_registrations": [
        Index((("device", 1), ("serial", 1))),
        Index((("serial", 1), ("at", 1))),
        Index((("push_token", 1),)),
    ],
}
_CHUNK: Final = 200


class PassDocument(TypedDict):
    """An issued pass; `_id` is its serial number. `revision` grows over all passes, so that it tells what is new."""

    _id: str
    member_id: str
    revision: int
    changed_at: datetime
    fingerprint: str
    registered: bool


class RegistrationDocument(TypedDict):
    """A phone that wants to hear of changes; `_id` is "<device>:<serial>"."""

    _id: str
    device: str
    serial: str
    push_token: str
    at: datetime


class AppleRepository:
    """The collections `apple_passes`, `apple_registrations` and the counter in `apple_revisions`."""

    def __init__(self, database: Database) -> None:
        self._passes = database["apple_passes"]
        self._registrations = database["apple_registrations"]
        self._revisions = database["apple_revisions"]

    async def pass_of(self, member_id: str) -> PassDocument | None:
        """A member's pass."""
        return cast("PassDocument | None", await self._passes.find_one({"member_id": member_id}))

    async def by_serial(self, serial: str) -> PassDocument | None:
        """The pass with a serial number."""
        return cast("PassDocument | None", await self._passes.find_one({"_id": serial}))

    async def add_pass(self, issued: PassDocument) -> PassDocument:
        """Store a member's first pass, or find the one that was stored meanwhile."""
        try:
            await self._passes.insert_one(dict(issued))
        except DuplicateKeyError:
            return cast("PassDocument", await self._passes.find_one({"member_id": issued["member_id"]}))
        return issued

    async def change(self, serial: str, fingerprint: str, revision: int, at: datetime) -> None:
        """Note that a pass looks different now."""
        change = {"fingerprint": fingerprint, "revision": revision, "changed_at": at}
        await self._passes.update_one({"_id": serial, "revision": {"$lt": revision}}, {"$set": change})

    async def next_revision(self) -> int:
        """A number greater than any given before."""
        after = await self._revisions.find_one_and_update(
            {"_id": "passes"}, {"$inc": {"value": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        if after is None:
            raise RuntimeError("an upsert that returns the document after returned none")
        return int(after["value"])

    async def registered_passes(self) -> AsyncIterator[list[PassDocument]]:
        """Every pass that some phone keeps, in chunks."""
        last = ""
        while True:
            query = {"registered": True, "_id": {"$gt": last}}
            chunk = await self._passes.find(query).sort("_id", 1).limit(_CHUNK).to_list()
            if not chunk:
                return
            yield cast("list[PassDocument]", chunk)
            last = chunk[-1]["_id"]

    async def register(self, registration: RegistrationDocument, most: int) -> bool:
        """Note a phone, forgetting the oldest beyond `most` of one pass; returns whether it is new."""
        fresh = {key: value for key, value in registration.items() if key != "_id"}
        result = await self._registrations.update_one({"_id": registration["_id"]}, {"$set": fresh}, upsert=True)
        await self._passes.update_one({"_id": registration["serial"]}, {"$set": {"registered": True}})
        surplus = self._registrations.find({"serial": registration["serial"]}, {"_id": 1}).sort("at", -1).skip(most)
        if oldest := [document["_id"] for document in await surplus.to_list()]:
            await self._registrations.delete_many({"_id": {"$in": oldest}})
        return result.upserted_id is not None

    async def unregister(self, device: str, serial: str) -> None:
        """Forget a phone."""
        await self._registrations.delete_one({"_id": f"{device}:{serial}"})
        await self._unflag([serial])

    async def forget_token(self, push_token: str) -> None:
        """Forget every registration of a phone that is gone."""
        serials = await self._registrations.distinct("serial", {"push_token": push_token})
        await self._registrations.delete_many({"push_token": push_token})
        await self._unflag(serials)

    async def registrations(self, serial: str) -> list[RegistrationDocument]:
        """The phones that keep a pass."""
        return cast("list[RegistrationDocument]", await self._registrations.find({"serial": serial}).to_list())

    async def changed_since(self, device: str, revision: int) -> list[PassDocument]:
        """The passes of a phone that changed after a revision."""
        serials = await self._registrations.distinct("serial", {"device": device})
        query = {"_id": {"$in": serials}, "revision": {"$gt": revision}}
        return cast("list[PassDocument]", await self._passes.find(query).sort("revision", 1).to_list())

    async def erase(self, member_id: str) -> None:
        """Remove a member's pass and its phones."""
        if issued := await self.pass_of(member_id):
            await self._registrations.delete_many({"serial": issued["_id"]})
            await self._passes.delete_one({"_id": issued["_id"]})

    async def _unflag(self, serials: list[str]) -> None:
        for serial in serials:
            if await self._registrations.find_one({"serial": serial}, {"_id": 1}) is None:
                await self._passes.update_one({"_id": serial}, {"$set": {"registered": False}})
