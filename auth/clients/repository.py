"""Storage of clients."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from auth.clients.models import ClientDocument

COLLECTION = "clients"
INDEXES = {
    COLLECTION: [
        Index((("origins", 1),), partial={"origins": {"$gt": ""}}),
        Index((("kind", 1), ("created_at", -1))),
    ]
}


class ClientRepository:
    """Reads and writes clients."""

    def __init__(self, database: Database) -> None:
        self._clients = database[COLLECTION]

    async def by_id(self, client_id: str) -> ClientDocument | None:
        """A client by id, disabled or not."""
        return cast("ClientDocument | None", await self._clients.find_one({"_id": client_id}))

    async def by_ids(self, client_ids: Sequence[str]) -> dict[str, ClientDocument]:
        """Clients by id, disabled or not; unknown ids are left out."""
        found = await self._clients.find({"_id": {"$in": list(client_ids)}}).to_list()
        return {client["_id"]: cast("ClientDocument", client) for client in found}

    async def of_kind(self, kind: str, first: int) -> list[ClientDocument]:
        """The clients of a kind, newest first."""
        found = await self._clients.find({"kind": kind}).sort([("created_at", -1), ("_id", 1)]).limit(first).to_list()
        return cast("list[ClientDocument]", found)

    async def all(self) -> list[ClientDocument]:
        """Every client that is not a till."""
        return cast(
            "list[ClientDocument]", await self._clients.find({"kind": {"$ne": "till"}}).sort("_id", 1).to_list()
        )

    async def origins(self) -> dict[str, bool]:
        """The web origins of all active clients, and whether a client without a secret lives there."""
        wanted = {"status": "active", "origins": {"$gt": ""}}
        found: dict[str, bool] = {}
        async for client in self._clients.find(wanted, {"origins": 1, "authentication": 1}):
            for origin in client["origins"]:
                found[origin] = found.get(origin, False) or client["authentication"] == "none"
        return found

    async def add(self, client: ClientDocument) -> bool:
        """Store a new client; False when the id is taken."""
        try:
            await self._clients.insert_one(dict(client))
        except DuplicateKeyError:
            return False
        return True

    async def put(self, client: ClientDocument) -> None:
        """Store a client in place of the one with its id."""
        await self._clients.replace_one({"_id": client["_id"]}, dict(client), upsert=True)

    async def update(self, client_id: str, changes: Mapping[str, Any]) -> ClientDocument | None:
        """Change fields of a client; returns it as it is now."""
        after = await self._clients.find_one_and_update(
            {"_id": client_id}, {"$set": dict(changes)}, return_document=ReturnDocument.AFTER
        )
        return cast("ClientDocument | None", after)

    async def touch(self, client_id: str, now: datetime) -> None:
        """Note that a client was seen."""
        await self._clients.update_one({"_id": client_id}, {"$set": {"last_seen_at": now}})
