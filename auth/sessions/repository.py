"""Storage of browser sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument

from app.core.batching import Batcher
from app.core.database import Database, Index
from auth.sessions.models import CheckedSession, SessionDocument

COLLECTION = "sessions"
INDEXES = {
    COLLECTION: [
        Index((("secret", 1),), unique=True),
        Index((("identity_id", 1), ("ended_at", 1))),
        Index((("parent", 1),), partial={"parent": {"$gt": ""}}),
        Index((("upstream.issuer", 1), ("upstream.sid", 1)), partial={"upstream.issuer": {"$gt": ""}}),
        Index((("purge_at", 1),), expire_after=0),
    ]
}


_CHECKED = dict.fromkeys([*CheckedSession.__annotations__, "secret"], 1)
_CHECKS_IN_FLIGHT = 4


class SessionRepository:
    """Reads and writes sessions."""

    def __init__(self, database: Database) -> None:
        self._sessions = database[COLLECTION]
        self._checks: Batcher[str, CheckedSession | None] = Batcher(self._check_all, in_flight=_CHECKS_IN_FLIGHT)

    async def add(self, session: SessionDocument) -> None:
        """Store a new session."""
        await self._sessions.insert_one(dict(session))

    async def by_secret(self, digest: str, now: datetime) -> SessionDocument | None:
        """The open session of a cookie; one indexed read."""
        query = {"secret": digest, "ended_at": None, "idle_until": {"$gt": now}, "expires_at": {"$gt": now}}
        return cast("SessionDocument | None", await self._sessions.find_one(query))

    async def check(self, digest: str) -> CheckedSession | None:
        """What a request has to know of the session of a cookie, open or not; one indexed read that begins after the
        call, shared by the requests that wait for one at the same time.
        """
        return await self._checks(digest)

    async def _check_all(self, digests: Sequence[str]) -> list[CheckedSession | None]:
        # Whether it is still open is asked of the answer: dates in the filter cost more than the index does.
        if len(digests) == 1:
            return [cast("CheckedSession | None", await self._sessions.find_one({"secret": digests[0]}, _CHECKED))]
        query = {"secret": {"$in": list(set(digests))}}
        found = {session["secret"]: session async for session in self._sessions.find(query, _CHECKED)}
        return [cast("CheckedSession | None", found.get(digest)) for digest in digests]

    async def by_id(self, session_id: str, now: datetime) -> SessionDocument | None:
        """An open session by its id."""
        query = {"_id": session_id, "ended_at": None, "idle_until": {"$gt": now}, "expires_at": {"$gt": now}}
        return cast("SessionDocument | None", await self._sessions.find_one(query))

    async def of_identity(self, identity_id: str, now: datetime) -> list[SessionDocument]:
        """The open sessions of an identity, the last seen first."""
        query = {"identity_id": identity_id, "ended_at": None, "idle_until": {"$gt": now}, "expires_at": {"$gt": now}}
        found = await self._sessions.find(query).sort([("last_seen_at", -1), ("_id", 1)]).limit(200).to_list()
        return cast("list[SessionDocument]", found)

    async def last_seen(self, identity_ids: list[str]) -> dict[str, datetime]:
        """When each identity was last seen in any session."""
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"identity_id": {"$in": identity_ids}}},
            {"$group": {"_id": "$identity_id", "at": {"$max": "$last_seen_at"}}},
        ]
        return {found["_id"]: found["at"] async for found in await self._sessions.aggregate(pipeline)}

    async def renew(self, session_id: str, old_secret: str, changes: Mapping[str, Any]) -> SessionDocument | None:
        """Change an open session that still has this secret; None when it ended or was renewed meanwhile."""
        after = await self._sessions.find_one_and_update(
            {"_id": session_id, "secret": old_secret, "ended_at": None},
            {"$set": dict(changes)},
            return_document=ReturnDocument.AFTER,
        )
        return cast("SessionDocument | None", after)

    async def touch(self, session_id: str, changes: Mapping[str, Any]) -> None:
        """Note that a session was seen."""
        await self._sessions.update_one({"_id": session_id, "ended_at": None}, {"$set": dict(changes)})

    async def update_identity(self, identity_id: str, changes: Mapping[str, Any]) -> None:
        """Change a copied field in every open session of an identity."""
        await self._sessions.update_many({"identity_id": identity_id, "ended_at": None}, {"$set": dict(changes)})

    async def end(self, query: Mapping[str, Any], now: datetime) -> list[SessionDocument]:
        """End the open sessions that match and return them, each to exactly one caller."""
        ended: list[SessionDocument] = []
        while True:
            found = await self._sessions.find_one_and_update({**query, "ended_at": None}, {"$set": {"ended_at": now}})
            if found is None:
                return ended
            ended.append(cast("SessionDocument", found))
