"""Storage of identities and sign-in methods."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from auth.identities.errors import MethodTaken
from auth.identities.models import IdentityDocument, MethodDocument, MethodType

IDENTITIES = "identities"
METHODS = "methods"
INDEXES = {
    IDENTITIES: [Index((("roles", 1),), partial={"roles": {"$gt": ""}})],
    METHODS: [Index((("type", 1), ("key", 1)), unique=True), Index((("identity_id", 1),))],
}


class IdentityRepository:
    """Reads and writes identities and their methods."""

    def __init__(self, database: Database) -> None:
        self._identities = database[IDENTITIES]
        self._methods = database[METHODS]

    async def identity(self, identity_id: str) -> IdentityDocument | None:
        """An identity by id."""
        return cast("IdentityDocument | None", await self._identities.find_one({"_id": identity_id}))

    async def identities(self, ids: Sequence[str]) -> list[IdentityDocument]:
        """Identities by id, in no order."""
        found = await self._identities.find({"_id": {"$in": list(ids)}}).to_list()
        return cast("list[IdentityDocument]", found)

    async def staff(self) -> list[IdentityDocument]:
        """Everybody with a role."""
        found = await self._identities.find({"roles": {"$gt": ""}}).sort("_id", 1).to_list()
        return cast("list[IdentityDocument]", found)

    async def add_identity(self, identity: IdentityDocument) -> None:
        """Store a new identity."""
        await self._identities.insert_one(dict(identity))

    async def drop_identity(self, identity_id: str) -> None:
        """Remove an identity that was made a moment ago and lost the race for its address."""
        await self._identities.delete_one({"_id": identity_id})

    async def update_identity(self, identity_id: str, changes: dict[str, Any]) -> IdentityDocument | None:
        """Change fields of an identity; returns it as it is now."""
        after = await self._identities.find_one_and_update(
            {"_id": identity_id}, {"$set": changes}, return_document=ReturnDocument.AFTER
        )
        return cast("IdentityDocument | None", after)

    async def method(self, method_type: MethodType, key: str) -> MethodDocument | None:
        """A method by its type and key."""
        return cast("MethodDocument | None", await self._methods.find_one({"type": method_type, "key": key}))

    async def methods_of(self, identity_id: str) -> list[MethodDocument]:
        """The methods of an identity, oldest first."""
        found = await self._methods.find({"identity_id": identity_id}).sort([("created_at", 1), ("_id", 1)]).to_list()
        return cast("list[MethodDocument]", found)

    async def methods_of_all(self, identity_ids: Sequence[str]) -> dict[str, list[MethodDocument]]:
        """The methods of many identities, each oldest first; who has none is missing."""
        found: dict[str, list[MethodDocument]] = {}
        cursor = self._methods.find({"identity_id": {"$in": list(identity_ids)}}).sort([("created_at", 1), ("_id", 1)])
        async for method in cursor:
            found.setdefault(method["identity_id"], []).append(cast("MethodDocument", method))
        return found

    async def add_method(self, method: MethodDocument) -> None:
        """Store a method; raises MethodTaken when its key belongs to somebody already."""
        try:
            await self._methods.insert_one(dict(method))
        except DuplicateKeyError:
            raise MethodTaken from None

    async def update_method(self, method_id: str, changes: dict[str, Any]) -> None:
        """Change fields of a method; raises MethodTaken when its new key belongs to somebody already."""
        try:
            await self._methods.update_one({"_id": method_id}, {"$set": changes})
        except DuplicateKeyError:
            raise MethodTaken from None

    async def verify_method(self, method: MethodDocument, now: datetime, owner: str) -> MethodDocument | None:
        """Mark an unverified method as proved by `owner`; None when somebody else was faster."""
        after = await self._methods.find_one_and_update(
            {"_id": method["_id"], "identity_id": method["identity_id"], "verified_at": None},
            {"$set": {"identity_id": owner, "verified_at": now, "last_used_at": now}},
            return_document=ReturnDocument.AFTER,
        )
        return cast("MethodDocument | None", after)

    async def drop_method(self, identity_id: str, method_id: str) -> bool:
        """Remove a method of an identity; returns whether it was there."""
        return (await self._methods.delete_one({"_id": method_id, "identity_id": identity_id})).deleted_count == 1

    async def drop_unverified(self, identity_id: str) -> None:
        """Remove every method that the identity never proved."""
        await self._methods.delete_many({"identity_id": identity_id, "verified_at": None})

    async def move_methods(self, source: str, target: str) -> None:
        """Give every method of one identity to another, noting whose it was."""
        moved = {"$set": {"identity_id": target}, "$push": {"moved_from": source}}
        await self._methods.update_many({"identity_id": source}, moved)

    async def return_methods(self, source: str, target: str) -> None:
        """Give back what `target` brought along when it was merged into `source`, as far as it is still there."""
        brought = {"identity_id": source, "$expr": {"$eq": [{"$last": "$moved_from"}, target]}}
        await self._methods.update_many(brought, {"$set": {"identity_id": target}, "$pop": {"moved_from": 1}})
