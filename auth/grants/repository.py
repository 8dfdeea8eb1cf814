"""Storage of grants."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument

from app.core.batching import Batcher
from app.core.database import Database, Index
from auth.grants.models import GrantDocument

COLLECTION = "families"
INDEXES = {
    COLLECTION: [
        Index((("identity_id", 1), ("revoked_at", 1))),
        Index((("session_id", 1),), partial={"session_id": {"$gt": ""}}),
        Index((("client_id", 1), ("revoked_at", 1))),
        Index((("purge_at", 1),), expire_after=0),
    ]
}


_CHECKS_IN_FLIGHT = 4


class GrantRepository:
    """Reads and writes grants."""

    def __init__(self, database: Database) -> None:
        self._grants = database[COLLECTION]
        self._checks: Batcher[str, GrantDocument | None] = Batcher(self._check_all, in_flight=_CHECKS_IN_FLIGHT)

    async def add(self, grant: GrantDocument) -> None:
        """Store a new grant."""
        await self._grants.insert_one(dict(grant))

    async def by_id(self, grant_id: str) -> GrantDocument | None:
        """A grant in whatever state; one indexed read."""
        return cast("GrantDocument | None", await self._grants.find_one({"_id": grant_id}))

    async def check(self, grant_id: str) -> GrantDocument | None:
        """As `by_id`, for every request that comes with a token: a read that begins after the call, shared by the
        requests that wait for one at the same time.
        """
        return await self._checks(grant_id)

    async def _check_all(self, ids: Sequence[str]) -> list[GrantDocument | None]:
        if len(ids) == 1:
            return [await self.by_id(ids[0])]
        found = {grant["_id"]: grant async for grant in self._grants.find({"_id": {"$in": list(set(ids))}})}
        return [cast("GrantDocument | None", found.get(grant_id)) for grant_id in ids]

    async def of_identity(self, identity_id: str, now: datetime) -> list[GrantDocument]:
        """The live grants of an identity, the last seen first."""
        query = {"identity_id": identity_id, "revoked_at": None, "idle_until": {"$gt": now}, "expires_at": {"$gt": now}}
        found = await self._grants.find(query).sort([("last_seen_at", -1), ("_id", 1)]).limit(200).to_list()
        return cast("list[GrantDocument]", found)

    async def rotate(self, grant_id: str, presented: int, now: datetime, idle_until: datetime) -> GrantDocument | None:
        """Count the refresh token up, if `presented` is the current one; one atomic update decides every race."""
        live = {
            "_id": grant_id,
            "n": presented,
            "revoked_at": None,
            "expires_at": {"$gt": now},
            "idle_until": {"$gt": now},
        }
        change = {"$inc": {"n": 1}, "$set": {"rotated_at": now, "last_seen_at": now, "idle_until": idle_until}}
        after = await self._grants.find_one_and_update(live, change, return_document=ReturnDocument.AFTER)
        return cast("GrantDocument | None", after)

    async def touch(self, grant_id: str, now: datetime) -> None:
        """Note that a grant was used."""
        await self._grants.update_one({"_id": grant_id}, {"$set": {"last_seen_at": now}})

    async def update_identity(self, identity_id: str, changes: Mapping[str, Any]) -> None:
        """Change a copied field in the live grants of an identity."""
        await self._grants.update_many({"identity_id": identity_id, "revoked_at": None}, {"$set": dict(changes)})

    async def revoke(self, query: Mapping[str, Any], reason: str, now: datetime) -> list[GrantDocument]:
        """Revoke the grants that match and return them, each to exactly one caller."""
        revoked: list[GrantDocument] = []
        change = {"$set": {"revoked_at": now, "revoked_reason": reason}}
        while True:
            found = await self._grants.find_one_and_update(
                {**query, "revoked_at": None}, change, return_document=ReturnDocument.AFTER
            )
            if found is None:
                return revoked
            revoked.append(cast("GrantDocument", found))
