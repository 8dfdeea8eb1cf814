"""The collections `members`, `claims`, `merge_requests` and `member_events`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.core.cursors import text_key
from app.core.database import Database, Index
from app.members.models import Card, Claim, Member, MemberEvent, MergeRequest

MEMBERS = "members"
CLAIMS = "claims"
REQUESTS = "merge_requests"
EVENTS = "member_events"

# "$gt" and not "$type": the planner uses a partial index only for queries that it sees are inside it.
_TEXT = {"$gt": ""}
INDEXES: dict[str, list[Index]] = {
    MEMBERS: [
        Index((("identity_id", 1),), unique=True, partial={"identity_id": _TEXT}),
        Index((("cards.number", 1),), unique=True),
        Index((("source", 1),), unique=True, partial={"source": _TEXT}),
        Index((("legacy_numbers", 1),), unique=True, partial={"legacy_numbers": {"$exists": True}}),
        Index((("enrolment_key", 1),), unique=True, partial={"enrolment_key": _TEXT}),
        Index((("email", 1), ("name_key", 1), ("_id", 1)), partial={"email": _TEXT}),
        Index((("phone", 1), ("name_key", 1), ("_id", 1)), partial={"phone": _TEXT}),
        Index((("words", 1), ("name_key", 1), ("_id", 1))),
        Index((("status", 1), ("joined_at", 1))),
        Index((("merged_into", 1),), partial={"merged_into": _TEXT}),
        Index((("merge.state", 1),), partial={"merge.state": _TEXT}),
        Index((("merge.operation", 1),), unique=True, partial={"merge.operation": _TEXT}),
    ],
    CLAIMS: [
        Index((("member_id", 1),)),
        Index((("expires_at", 1),), expire_after=30 * 24 * 3600),
    ],
    REQUESTS: [
        Index((("operation", 1),), unique=True),
        Index((("pair", 1),), unique=True, partial={"state": "open"}),
        Index((("state", 1), ("expires_at", 1), ("_id", 1))),
        Index((("members", 1), ("state", 1), ("expires_at", 1), ("_id", 1))),
    ],
    EVENTS: [Index((("member_id", 1), ("at", -1), ("_id", -1)))],
}
_DUPLICATE = 11000
T = TypeVar("T")


class Taken(Exception):
    """A unique key is in use; `key` is the name of its field."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class MemberRepository:
    """Everything that members store. Documents come back as they are stored."""

    def __init__(self, database: Database) -> None:
        self._members = database[MEMBERS]
        self._claims = database[CLAIMS]
        self._requests = database[REQUESTS]
        self._events = database[EVENTS]
        self._client = database.client

    # Reading

    async def by_id(self, member_id: str) -> Member | None:
        """The member with this id, merged or not."""
        return await self._one({"_id": member_id})

    async def by_ids(self, member_ids: Sequence[str]) -> dict[str, Member]:
        """Members by id; unknown ids are left out."""
        found = await self._members.find({"_id": {"$in": list(member_ids)}}).to_list()
        return {member["_id"]: cast("Member", member) for member in found}

    async def by_identity(self, identity_id: str) -> Member | None:
        """The member that this identity joined as."""
        return await self._one({"identity_id": identity_id})

    async def by_card_number(self, number: str) -> Member | None:
        """The member that this number was ever given to."""
        return await self._one({"cards.number": number})

    async def by_legacy_number(self, number: str) -> Member | None:
        """The member who had this number in an earlier system."""
        return await self._one({"legacy_numbers": number})

    async def by_legacy_numbers(self, numbers: Sequence[str]) -> list[Member]:
        """The members who had any of these numbers in an earlier system."""
        found = await self._members.find({"legacy_numbers": {"$in": list(numbers)}}).to_list()
        return [cast("Member", member) for member in found]

    async def by_enrolment_key(self, key: str) -> Member | None:
        """The member that an enrolment made."""
        return await self._one({"enrolment_key": key})

    async def by_sources(self, sources: Sequence[str]) -> list[Member]:
        """The imported members among these sources."""
        return cast("list[Member]", await self._members.find({"source": {"$in": list(sources)}}).to_list())

    async def is_claimed(self, member: Member, session: AsyncClientSession) -> bool:
        """Whether anybody signs in as this member, or as one merged into it, as a transaction sees it."""
        known, newest = {member["_id"]}, [member]
        while newest:
            if any(each["identity_id"] for each in newest):
                return True
            aliases = {"merged_into": {"$in": [each["_id"] for each in newest]}}
            found = await self._members.find(aliases, session=session).to_list()
            newest = [cast("Member", each) for each in found if each["_id"] not in known]
            known |= {each["_id"] for each in newest}
        return False

    async def merged_into(self, member_ids: Sequence[str]) -> list[str]:
        """Ids of the members merged straight into one of these."""
        found = await self._members.find({"merged_into": {"$in": list(member_ids)}}, {"_id": 1}).to_list()
        return [member["_id"] for member in found]

    async def unlinked_by_email(self, email: str) -> Member | None:
        """The longest-standing living member with this address that nobody signs in as."""
        wanted = {"email": email, "identity_id": None, "status": {"$in": ["active", "unclaimed"]}}
        return cast("Member | None", await self._members.find_one(wanted, sort=[("joined_at", 1), ("_id", 1)]))

    async def proved_holder(self, kind: str, value: str) -> Member | None:
        """A living member who proved to hold this contact; `kind` is "email" or "phone"."""
        return await self._one({kind: value, f"{kind}_verified": True, "status": {"$in": ["active", "unclaimed"]}})

    async def matching(self, condition: Mapping[str, Any], after: str | None, limit: int) -> list[Member]:
        """Members that match, in order of (name, id), after a cursor.

        The order is made from index keys alone; only the members of the page are fetched.
        """
        query = {"$and": [condition, _beyond(after)]} if after else dict(condition)
        order = [("name_key", 1), ("_id", 1)]
        keys = await self._members.find(query, {"name_key": 1}, sort=order, limit=limit).to_list()
        found = await self.by_ids([key["_id"] for key in keys])
        return [found[key["_id"]] for key in keys if key["_id"] in found]

    async def count(self, joined_since: datetime | None) -> int:
        """How many living members there are, or have joined since."""
        query: dict[str, Any] = {"status": {"$in": ["active", "unclaimed"]}}
        if joined_since is not None:
            query["joined_at"] = {"$gte": joined_since}
        return await self._members.count_documents(query)

    async def is_merge(self, operation: str) -> bool:
        """Whether some member was merged by this operation."""
        return await self._members.find_one({"merge.operation": operation}, {"_id": 1}) is not None

    async def unsettled_merges(self) -> list[Member]:
        """Merged members whose points are still on their way."""
        query = {"merge.state": {"$in": ["moving", "returning"]}}
        return cast("list[Member]", await self._members.find(query).to_list())

    # Writing

    async def insert(self, member: Member) -> None:
        """Store a new member. Raises Taken."""
        try:
            await self._members.insert_one(dict(member))
        except DuplicateKeyError as error:
            raise Taken(_key_of(error.details)) from error

    async def insert_many(self, members: Sequence[Member]) -> list[str]:
        """Store new members; returns the ids of those refused because a unique key was taken."""
        try:
            await self._members.insert_many([dict(member) for member in members], ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE for failure in failures):
                raise
            return [failure["op"]["_id"] for failure in failures]
        return []

    async def change(self, member_id: str, expected: Mapping[str, Any], values: Mapping[str, Any]) -> Member | None:
        """Set fields if the member still looks as expected; None when it does not. Raises Taken."""
        query = {**expected, "_id": member_id}
        try:
            changed = await self._members.find_one_and_update(
                query, {"$set": dict(values)}, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError as error:
            raise Taken(_key_of(error.details)) from error
        return cast("Member | None", changed)

    async def set_cards(self, member_id: str, expected: list[Card], cards: list[Card]) -> Member | None:
        """Replace the cards if they are still as expected. Raises Taken."""
        return await self.change(member_id, {"cards": expected}, {"cards": cards})

    async def transact(self, body: Callable[[AsyncClientSession], Awaitable[T]]) -> T:
        """Run `body` in a transaction, again when it meets another one. Raises Taken, and what `body` raises."""
        async with self._client.start_session() as session:
            try:
                return await session.with_transaction(body)
            except DuplicateKeyError as error:
                raise Taken(_key_of(error.details)) from error

    async def locked(self, member_id: str, session: AsyncClientSession) -> Member | None:
        """The member, kept from other transactions until this one ends."""
        member = await self._members.find_one_and_update(
            {"_id": member_id}, {"$inc": {"merges": 1}}, session=session, return_document=ReturnDocument.AFTER
        )
        return cast("Member | None", member)

    async def set_in(self, session: AsyncClientSession, member_id: str, values: Mapping[str, Any]) -> None:
        """Set fields inside a transaction."""
        await self._members.update_one({"_id": member_id}, {"$set": dict(values)}, session=session)

    # Claim codes

    async def add_claim(self, claim: Claim) -> None:
        """Store a claim code's record."""
        await self._claims.insert_one(dict(claim))

    async def claim(self, digest: str) -> Claim | None:
        """The claim of this code, used or not."""
        return cast("Claim | None", await self._claims.find_one({"_id": digest}))

    async def use_claims(self, member_id: str, now: datetime) -> None:
        """Mark all claims of a member as used."""
        await self._claims.update_many({"member_id": member_id, "used_at": None}, {"$set": {"used_at": now}})

    # Merge requests

    async def merge_request(self, request_id: str) -> MergeRequest | None:
        """The request with this id, open or not."""
        return cast("MergeRequest | None", await self._requests.find_one({"_id": request_id}))

    async def merge_request_of(self, operation: str) -> MergeRequest | None:
        """The request that this operation left, open or not."""
        return cast("MergeRequest | None", await self._requests.find_one({"operation": operation}))

    async def open_merge_requests(
        self, now: datetime, member_id: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[MergeRequest]:
        """What waits, about one member or about anybody, the longest waiting first, after (expires at, id) of one."""
        query: dict[str, Any] = {"state": "open", "expires_at": {"$gt": now}}
        if member_id is not None:
            query["members"] = member_id
        if after is not None:
            expires_at, request_id = after
            query["$or"] = [
                {"expires_at": {"$gt": expires_at}},
                {"expires_at": expires_at, "_id": {"$gt": request_id}},
            ]
        found = await self._requests.find(query, sort=[("expires_at", 1), ("_id", 1)], limit=limit).to_list()
        return cast("list[MergeRequest]", found)

    async def count_open_merge_requests(self, now: datetime) -> int:
        """How many requests wait."""
        return await self._requests.count_documents({"state": "open", "expires_at": {"$gt": now}})

    async def add_merge_request(
        self, session: AsyncClientSession, request: MergeRequest, events: Sequence[MemberEvent]
    ) -> None:
        """Store a request and tell of it, in the place of one for the same two whose time ran out."""
        over = {"pair": request["pair"], "state": "open", "expires_at": {"$lte": request["asked_at"]}}
        await self._requests.update_many(over, {"$set": {"state": "expired"}}, session=session)
        await self._requests.insert_one(dict(request), session=session)
        await self._events.insert_many([dict(event) for event in events], session=session)

    async def decide_merge_request(
        self, request_id: str, now: datetime, values: Mapping[str, Any], session: AsyncClientSession | None = None
    ) -> MergeRequest | None:
        """Set fields of a request that still waits; None when it does not."""
        waiting = {"_id": request_id, "state": "open", "expires_at": {"$gt": now}}
        changed = await self._requests.find_one_and_update(
            waiting, {"$set": dict(values)}, session=session, return_document=ReturnDocument.AFTER
        )
        return cast("MergeRequest | None", changed)

    async def end_merge_requests(self, session: AsyncClientSession, member_id: str) -> None:
        """End what waits about a member who is no member of their own any more."""
        waiting = {"members": member_id, "state": "open"}
        await self._requests.update_many(waiting, {"$set": {"state": "ended"}}, session=session)

    # Events

    async def add_event(self, event: MemberEvent) -> None:
        """Store an event; one that is there already stays as it is."""
        try:
            await self._events.insert_one(dict(event))
        except DuplicateKeyError:
            return

    async def add_events(self, events: Sequence[MemberEvent]) -> None:
        """Store many new events."""
        if events:
            await self._events.insert_many([dict(event) for event in events], ordered=False)

    async def events(self, member_ids: Sequence[str], before: datetime | None, limit: int) -> list[MemberEvent]:
        """Events of these members, newest first, strictly before an instant."""
        query: dict[str, Any] = {"member_id": {"$in": list(member_ids)}}
        if before is not None:
            query["at"] = {"$lt": before}
        found = await self._events.find(query, sort=[("at", -1), ("_id", -1)], limit=limit).to_list()
        return cast("list[MemberEvent]", found)

    async def _one(self, query: Mapping[str, Any]) -> Member | None:
        return cast("Member | None", await self._members.find_one(query))


def _beyond(cursor: str) -> dict[str, Any]:
    name, member_id = text_key(cursor)
    return {"$or": [{"name_key": {"$gt": name}}, {"name_key": name, "_id": {"$gt": member_id}}]}


def _key_of(details: Mapping[str, Any] | None) -> str:
    pattern = (details or {}).get("keyPattern", {})
    return str(next(iter(pattern), "_id"))
