"""Where entries live: the port that the engine needs, and its implementation on MongoDB."""

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol, TypeVar, cast

import pymongo
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from app.core.database import Database, Index
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import EntryDocument, HeadDocument, SagaDocument, TrialBalanceRow
from app.ledger.seals import SealDocument, SealedHead
from app.ledger.validate import CLOCK_SKEW

ENTRIES: Final = "entries"
ACCOUNTS: Final = "accounts"
SAGAS: Final = "sagas"
CLOSES: Final = "closes"
SEALED: Final = "sealed_heads"
# "$lt" and not "$type": the planner uses a partial index only for queries that it sees are inside it.
_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)

INDEXES: Final[dict[str, list[Index]]] = {
    ENTRIES: [
        Index((("account", 1), ("operation", 1)), unique=True),
        # Only what acts on another operation: captures, releases, reversals, activations, expiries.
        Index((("account", 1), ("of", 1)), partial={"of": {"$exists": True}}),
        # Only late entries that corrected what others did.
        Index((("account", 1), ("corrects", 1)), partial={"corrects": {"$exists": True}}),
    ],
    ACCOUNTS: [Index((("next_due", 1),), partial={"next_due": {"$lt": _NEVER}})],
    SEALED: [Index((("account", 1), ("seq", -1))), Index((("seal", 1),))],
    SAGAS: [Index((("begun_at", 1),), partial={"outcome": None})],
}

_DUPLICATE_KEY: Final = 11000
_TIMEOUT_SECONDS: Final = 3.0
_PAGE: Final = 2_000
_ENTRIES_A_MINUTE: Final = 500_000
_PATIENCE_SECONDS: Final = 0.3
_LOOK_SECONDS: Final = 0.1
_JOURNALED: Final = {"w": "majority", "j": True}


T = TypeVar("T")


class StoreUnavailable(Exception):
    """No answer, or none to rely on: what was asked may or may not have happened."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An entry that was not written because another has its sequence number or its operation."""

    index: int
    key: Literal["sequence", "operation"]


class Store(Protocol):
    """The five things that the engine asks of a database. Each raises StoreUnavailable when the outcome is unknown."""

    async def append(self, entries: Sequence[EntryDocument], *, ordered: bool) -> list[Duplicate]:
        """Insert entries durably on a majority; an ordered append stops at its first duplicate."""
        ...

    async def tail(self, after: Mapping[str, int], *, barrier: bool = False) -> list[EntryDocument]:
        """Majority-committed entries of each account after a version, in order of account and sequence.

        With `barrier` the answer is not older than the call, even while a deposed primary does not know it yet.
        """
        ...

    async def find(
        self, operations: Sequence[tuple[str, str]], *, related: bool = False, ids: Sequence[str] = ()
    ) -> list[EntryDocument]:
        """Majority-committed entries by (account, operation), with `related` also those acting on it or correcting it,
        and by `_id`.
        """
        ...

    async def get_heads(self, accounts: Sequence[str]) -> list[HeadDocument]:
        """The stored heads of accounts; they may lag behind the entries."""
        ...

    async def put_heads(self, heads: Sequence[HeadDocument]) -> None:
        """Store heads, each unless a newer one is there; losing one does no harm."""
        ...


class LedgerRepository:
    """The store on MongoDB, and the reads that statements, jobs and audits need beyond the engine's five."""

    def __init__(self, database: Database) -> None:
        self._database = database
        majority = ReadConcern("majority")
        self._entries = database.get_collection(ENTRIES, read_concern=majority)
        self._accounts = database.get_collection(ACCOUNTS, read_concern=majority)
        self._closes = database.get_collection(CLOSES, read_concern=majority)
        self._sealed = database.get_collection(SEALED, read_concern=majority)
        self._sagas = database.get_collection(SAGAS, read_concern=majority)

    async def append(self, entries: Sequence[EntryDocument], *, ordered: bool) -> list[Duplicate]:
        """Insert entries; see Store."""
        command = {"insert": ENTRIES, "documents": list(entries), "ordered": ordered, "writeConcern": _JOURNALED}
        # A bare command: the driver's retryable writes would cost bookkeeping that unique operation ids make needless.
        answer = await self._command(command)
        if "writeConcernError" in answer:
            raise StoreUnavailable(str(answer["writeConcernError"])[:200])
        duplicates = []
        for error in answer.get("writeErrors", ()):
            if error["code"] != _DUPLICATE_KEY:
                raise StoreUnavailable(str(error)[:200])
            duplicates.append(Duplicate(error["index"], "sequence" if "_id" in error["keyPattern"] else "operation"))
        return duplicates

    async def tail(self, after: Mapping[str, int], *, barrier: bool = False) -> list[EntryDocument]:
        """Read what came after; see Store."""
        if barrier:
            # Changes nothing, but a majority must agree that this node is the primary before it answers.
            nothing = {"q": {"_id": ""}, "u": {"$set": {"version": 0}}}
            answer = await self._command({"update": ACCOUNTS, "updates": [nothing], "writeConcern": _JOURNALED})
            if "writeConcernError" in answer:
                raise StoreUnavailable(str(answer["writeConcernError"])[:200])
        ranges = [_after(account, version) for account, version in after.items()]
        return await self._find({"$or": ranges} if len(ranges) > 1 else ranges[0], sort=True)

    async def find(
        self, operations: Sequence[tuple[str, str]], *, related: bool = False, ids: Sequence[str] = ()
    ) -> list[EntryDocument]:
        """Read entries by operation; see Store."""
        wanted: list[Mapping[str, Any]] = []
        by_account: dict[str, list[str]] = {}
        for account, operation in operations:
            by_account.setdefault(account, []).append(operation)
        for account, names in by_account.items():
            wanted.append({"account": account, "operation": {"$in": names}})
            if related:
                wanted.append({"account": account, "of": {"$in": names}})
                wanted.append({"account": account, "corrects": {"$in": names}})
        if ids:
            wanted.append({"_id": {"$in": list(ids)}})
        return await self._find({"$or": wanted} if len(wanted) > 1 else wanted[0])

    async def get_heads(self, accounts: Sequence[str]) -> list[HeadDocument]:
        """Read stored heads; see Store."""
        names = list(accounts)
        cursor = self._accounts.find({"_id": {"$in": names}}, batch_size=len(names) + 1)
        return cast("list[HeadDocument]", await self._answer(cursor.to_list()))

    async def put_heads(self, heads: Sequence[HeadDocument]) -> None:
        """Write heads in the background; see Store."""
        updates = [
            {"q": {"_id": head["_id"], "version": {"$lt": head["version"]}}, "u": head, "upsert": True}
            for head in heads
        ]
        answer = await self._command(
            {"update": ACCOUNTS, "updates": updates, "ordered": False, "writeConcern": {"w": 1}}
        )
        # A newer head is there when the upsert found no older one and tripped over it.
        if any(error["code"] != _DUPLICATE_KEY for error in answer.get("writeErrors", ())):
            raise StoreUnavailable(str(answer["writeErrors"])[:200])

    async def current(self, accounts: Sequence[str]) -> list[tuple[HeadDocument, list[EntryDocument]]]:
        """The stored heads of accounts, each with the entries after it: one indexed read, whatever the history.

        Raises StoreUnavailable.
        """
        after = {"$and": [{"$gt": ["$_id", "$$last"]}, {"$lt": ["$_id", "$$end"]}]}
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"_id": {"$in": list(accounts)}}},
            {
                "$lookup": {
                    "from": ENTRIES,
                    "let": {"last": "$last", "end": {"$concat": ["$_id", ";"]}},
                    "pipeline": [{"$match": {"$expr": after}}, {"$sort": {"_id": 1}}],
                    "as": "tail",
                }
            },
        ]
        found = await self._answer(self._aggregated(self._accounts, pipeline))
        return [(cast("HeadDocument", head), cast("list[EntryDocument]", head.pop("tail"))) for head in found]

    async def statement(
        self, account: str, *, before: int | None, first: int, kinds: Sequence[str] | None
    ) -> list[EntryDocument]:
        """Entries of an account, newest first. Raises StoreUnavailable."""
        wanted: dict[str, Any] = {"_id": {"$gte": f"{account}:", "$lt": _key(account, before)}}
        if kinds is not None:
            wanted["kind"] = {"$in": list(kinds)}
        cursor = self._entries.find(wanted, sort=[("_id", -1)], limit=first)
        return cast("list[EntryDocument]", await self._answer(cursor.to_list()))

    async def chronicle(self, account: str, *, after: tuple[datetime, str] | None, first: int) -> list[EntryDocument]:
        """Entries of an account by when they happened, latest first, after (occurred at, `_id`) of the last one seen.

        They are stored by when they were posted, and nothing is posted before it happens: once as many as asked for
        happened after an entry was posted, no entry further down can be among them.
        """
        latest: list[tuple[datetime, str]] = []
        wanted = {"_id": {"$gte": f"{account}:", "$lt": _key(account, None)}}
        times = self._entries.find(wanted, {"occurred_at": 1, "posted_at": 1}, sort=[("_id", -1)])
        async for entry in times:
            place = (entry["occurred_at"], entry["_id"])
            if after is None or place < after:
                heapq.heappush(latest, place)
            if len(latest) > first:
                heapq.heappop(latest)
            if len(latest) == first and latest[0][0] > entry["posted_at"] + CLOCK_SKEW:
                break
        found = await self._entries.find({"_id": {"$in": [entry_id for _, entry_id in latest]}}).to_list()
        found.sort(key=lambda entry: (entry["occurred_at"], entry["_id"]), reverse=True)
        return cast("list[EntryDocument]", found)

    async def by_id(self, entry_id: str) -> EntryDocument | None:
        """One entry by its `_id`. Raises StoreUnavailable."""
        return cast("EntryDocument | None", await self._answer(self._entries.find_one({"_id": entry_id})))

    async def history(self, account: str) -> AsyncIterator[EntryDocument]:
        """All entries of an account in order, page by page. Raises StoreUnavailable."""
        seq = 0
        while True:
            cursor = self._entries.find(_after(account, seq), sort=[("_id", 1)], limit=_PAGE)
            page = cast("list[EntryDocument]", await self._answer(cursor.to_list()))
            for entry in page:
                yield entry
            if len(page) < _PAGE:
                return
            seq = page[-1]["seq"]

    def scan(self, account: str | None = None) -> AsyncIterator[EntryDocument]:
        """All entries (of an account), account by account, each in its order."""
        wanted = {} if account is None else _after(account, 0)
        return cast("AsyncIterator[EntryDocument]", self._entries.find(wanted, sort=[("_id", 1)], batch_size=1000))

    async def count(self, account: str | None = None) -> int:
        """How many entries there are: exact for an account, the collection's own estimate for all."""
        if account is None:
            return await self._entries.estimated_document_count()
        return await self._entries.count_documents(_after(account, 0))

    async def due_accounts(self, now: datetime, limit: int) -> list[str]:
        """Accounts where something fell due, longest-waiting first."""
        # A work-list only: what is true is looked up before anything is posted.
        heads = self._accounts.with_options(read_concern=ReadConcern("local"))
        cursor = heads.find({"next_due": {"$lte": now}}, {"_id": 1}, sort=[("next_due", 1)], limit=limit)
        return [head["_id"] async for head in cursor]

    async def open_saga(self, saga: SagaDocument) -> None:
        """Note a saga before its first step; it may be there already. Raises LedgerUnavailable."""
        document = cast("dict[str, Any]", saga)
        try:
            with pymongo.timeout(_TIMEOUT_SECONDS):
                await self._sagas.update_one({"_id": saga["_id"]}, {"$setOnInsert": document}, upsert=True)
        except DuplicateKeyError:
            return
        except PyMongoError as error:
            raise LedgerUnavailable from error

    async def close_saga(self, saga_id: str, outcome: str) -> None:
        """Note what became of a saga; losing this only makes somebody look again."""
        with contextlib.suppress(PyMongoError), pymongo.timeout(_TIMEOUT_SECONDS):
            await self._sagas.update_one({"_id": saga_id}, {"$set": {"outcome": outcome}})

    async def open_sagas(self, before: datetime) -> list[SagaDocument]:
        """Sagas begun before an instant that have no outcome."""
        cursor = self._sagas.find({"outcome": None, "begun_at": {"$lt": before}}, limit=1000)
        return cast("list[SagaDocument]", await cursor.to_list())

    async def last_seal(self) -> SealDocument | None:
        """The newest seal."""
        return cast("SealDocument | None", await self._closes.find_one(sort=[("_id", -1)]))

    async def seals(self) -> list[SealDocument]:
        """All seals, oldest first."""
        return cast("list[SealDocument]", await self._closes.find(sort=[("_id", 1)]).to_list())

    async def add_seal(self, seal: SealDocument) -> None:
        """Store a seal; another with its number raises DuplicateKeyError."""
        await self._closes.insert_one(cast("dict[str, Any]", seal))

    async def sealed(self) -> list[SealedHead]:
        """All sealed heads, oldest seal first."""
        return cast("list[SealedHead]", await self._sealed.find(sort=[("seal", 1)]).to_list())

    async def sealed_heads(self, accounts: Sequence[str]) -> dict[str, int]:
        """The last sealed sequence number of accounts that have one."""
        newest: list[Mapping[str, Any]] = [
            {"$match": {"account": {"$in": list(accounts)}}},
            {"$group": {"_id": "$account", "seq": {"$max": "$seq"}}},
        ]
        return {found["_id"]: found["seq"] async for found in await self._sealed.aggregate(newest)}

    async def add_sealed(self, heads: Sequence[SealedHead]) -> None:
        """Store sealed heads."""
        if heads:
            await self._sealed.insert_many([cast("dict[str, Any]", head) for head in heads])

    async def drop_sealed(self, seal: int) -> None:
        """Forget the heads of a seal that was never finished."""
        await self._sealed.delete_many({"seal": {"$gte": seal}})

    async def changed_accounts(self, since: datetime | None, batch: int) -> AsyncIterator[list[str]]:
        """Accounts posted to since an instant (None = ever), in batches."""
        wanted = {} if since is None else {"posted_at": {"$gte": since}}
        accounts: list[str] = []
        async for head in self._accounts.find(wanted, {"_id": 1}):
            accounts.append(head["_id"])
            if len(accounts) == batch:
                yield accounts
                accounts = []
        if accounts:
            yield accounts

    async def trial_balance(self, zone: str) -> list[TrialBalanceRow]:
        """What was posted to each account name, per day of posting in a time zone and per book, oldest first."""
        day = {"$dateToString": {"date": "$posted_at", "format": "%Y-%m-%d", "timezone": zone}}
        stock = {"$eq": [{"$substrCP": ["$account", 0, 4]}, "rwd_"]}
        key = {
            "day": day,
            "book": {"$cond": [stock, "stock", "points"]},
            "name": {"$arrayElemAt": ["$postings", 0]},
        }
        pipeline: list[Mapping[str, Any]] = [
            {"$project": {"account": 1, "posted_at": 1, "postings": 1}},
            {"$unwind": "$postings"},
            {"$group": {"_id": key, "change": {"$sum": {"$arrayElemAt": ["$postings", 1]}}}},
            {"$sort": {"_id.day": 1, "_id.book": 1, "_id.name": 1}},
        ]
        cursor = await self._entries.aggregate(pipeline, allowDiskUse=True)
        return [cast("TrialBalanceRow", {**row["_id"], "change": row["change"]}) async for row in cursor]

    async def cohort(self, before: datetime) -> tuple[int, int]:
        """What was issued to and what was redeemed from members' lots that were active before an instant."""
        names = {"$map": {"input": "$postings", "in": {"$arrayElemAt": ["$$this", 0]}}}
        moved = {"$filter": {"input": "$movements", "cond": {"$lt": ["$$this.active_at", before]}}}
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"account": {"$not": {"$regex": "^rwd_"}}, "movements.active_at": {"$lt": before}}},
            {"$project": {"points": {"$sum": {"$map": {"input": moved, "in": "$$this.points"}}}, "names": names}},
            {"$unwind": "$names"},
            {"$match": {"names": {"$in": ["issued", "migrated", "redeemed"]}}},
            {"$group": {"_id": "$names", "points": {"$sum": "$points"}}},
        ]
        cursor = await self._entries.aggregate(pipeline, allowDiskUse=True)
        sums = {row["_id"]: row["points"] async for row in cursor}
        return sums.get("issued", 0) + sums.get("migrated", 0), -sums.get("redeemed", 0)

    async def newest(self, within: timedelta) -> dict[str, int]:
        """Accounts that were posted to not longer than that before the newest entry, each with its last version.

        Looks at so many entries at most as one process writes in a minute.
        """
        fields = {"account": 1, "seq": 1, "posted_at": 1, "_id": 0}
        newest: dict[str, int] = {}
        until: datetime | None = None
        latest = self._entries.find({}, fields, hint=[("$natural", -1)], batch_size=5_000, limit=_ENTRIES_A_MINUTE)
        async for entry in latest:
            until = until or entry["posted_at"] - within
            if entry["posted_at"] < until:
                break
            newest[entry["account"]] = max(entry["seq"], newest.get(entry["account"], 0))
        return newest

    async def _find(self, wanted: Mapping[str, Any], *, sort: bool = False) -> list[EntryDocument]:
        cursor = self._entries.find(wanted, sort=[("_id", 1)] if sort else None)
        return cast("list[EntryDocument]", await self._answer(cursor.to_list()))

    @staticmethod
    async def _aggregated(
        collection: AsyncCollection[dict[str, Any]], pipeline: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        return await (await collection.aggregate(pipeline)).to_list()

    async def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        return await self._answer(self._database.command(command))

    async def _answer(self, asked: Coroutine[Any, Any, T]) -> T:
        """What the database answers, given up when another primary was elected: the one that was asked may be frozen.

        Raises StoreUnavailable.
        """
        client = self._database.client
        try:
            with pymongo.timeout(_TIMEOUT_SECONDS):
                task = asyncio.create_task(asked)
            try:
                done, _ = await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
                asked_of = None if done else await client.primary
                while not done:
                    done, _ = await asyncio.wait([task], timeout=_LOOK_SECONDS)
                    if not done and await client.primary not in (None, asked_of):
                        raise StoreUnavailable("another primary was elected")
                return task.result()
            finally:
                task.cancel()
        except PyMongoError as error:
            raise StoreUnavailable(str(error)[:200]) from error


def _key(account: str, before: int | None) -> str:
    # ";" is the character after ":": the end of an account's range.
    return f"{account};" if before is None else f"{account}:{before:010d}"


def _after(account: str, version: int) -> dict[str, Any]:
    return {"_id": {"$gt": f"{account}:{version:010d}", "$lt": f"{account};"}}
