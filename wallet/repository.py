"""Everything cards keep in MongoDB. What a scan needs is read and written in batches that concurrent scans share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from pymongo import InsertOne, UpdateOne, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from app.core.batching import Batcher
from app.core.database import Database, Document, Index
from wallet.models import (
    Acceptance,
    CredentialDocument,
    CredentialKind,
    EpochDocument,
    IdentificationDocument,
    Purpose,
    ScanDocument,
)

_DAY: Final = 24 * 3600
_SCANS_KEPT: Final = 8 * _DAY
_REVOKED_KEPT: Final = 400 * _DAY
_DUPLICATE_KEY: Final = 11000
_IMMUTABLE_FIELD: Final = 66

INDEXES: dict[str, list[Index]] = {
    "card_credentials": [
        Index((("credential", 1),), unique=True),
        Index((("member_id", 1), ("kind", 1), ("revoked_at", 1))),
        Index((("revoked_at", 1),), expire_after=_REVOKED_KEPT),
    ],
    "card_scans": [
        Index((("member_id", 1), ("day", 1), ("deferred", 1), ("received_at", 1))),
        Index((("received_at", 1),), expire_after=_SCANS_KEPT),
    ],
    "card_identifications": [Index((("expires_at", 1),), expire_after=0)],
    "card_locks": [Index((("until", 1),), expire_after=0)],
}


class WalletRepository:
    """The collections `card_epochs`, `card_credentials`, `card_scans`, `card_identifications` and `card_locks`."""

    def __init__(self, database: Database) -> None:
        self._epochs = database["card_epochs"]
        self._credentials = database["card_credentials"]
        self._scans = database["card_scans"]
        self._locks = database["card_locks"]
        # One wait for the journal and the majority a scan. An acceptance is written first and becomes durable with the
        # scan that follows it in the log; an identification that is lost is made again by the till's retry.
        soon = WriteConcern(w=1, j=False)
        here = ReadConcern("local")
        self._steps = self._credentials.with_options(write_concern=soon, read_concern=here)
        self._kept_identifications = database["card_identifications"]
        self._identifications = self._kept_identifications.with_options(write_concern=soon, read_concern=here)
        self.credential = Batcher(self._find_credentials)
        """The credential document of 16 hex digits, or None."""
        self.lock = Batcher(self._find_locks)
        """Until when a credential is locked, or None."""
        self.identification = Batcher(self._find_identifications)
        """An identification by id, or None."""
        self.accept = Batcher(self._accept)
        """Whether this acceptance is the one that its step, or a newer one, is used by."""
        self.add_scan = Batcher(self._add_scans)
        """Whether the scan is the first of its credential and step."""
        self.put_identification = Batcher(self._put_identifications)
        """Store an identification, replacing one of the same id."""

    async def epochs(self) -> list[EpochDocument]:
        """Every key epoch, oldest first."""
        return cast("list[EpochDocument]", await self._epochs.find().sort("_id", 1).to_list())

    async def add_epoch(self, epoch: EpochDocument) -> bool:
        """Store an epoch; False when the number is taken."""
        try:
            await self._epochs.insert_one(dict(epoch))
        except DuplicateKeyError:
            return False
        return True

    async def add_credential(self, credential: CredentialDocument) -> None:
        """Store a new credential."""
        await self._credentials.insert_one(dict(credential))

    async def live_credentials(
        self, member_id: str, kind: CredentialKind, purpose: Purpose | None = None
    ) -> list[CredentialDocument]:
        """A member's credentials of a kind that are not revoked, oldest first."""
        query: dict[str, Any] = {"member_id": member_id, "kind": kind, "revoked_at": None}
        if purpose is not None:
            query["purpose"] = purpose
        found = await self._credentials.find(query).sort([("created_at", 1), ("_id", 1)]).to_list()
        return cast("list[CredentialDocument]", found)

    async def credential_now(self, credential: str) -> CredentialDocument | None:
        """The credential as it stands after everything written so far; for reading back a refused acceptance."""
        return cast("CredentialDocument | None", await self._steps.find_one({"credential": credential}))

    async def revoke(self, member_id: str, at: datetime, ids: Sequence[str] | None = None) -> int:
        """Revoke some or all live credentials of a member; returns how many were."""
        query: dict[str, Any] = {"member_id": member_id, "revoked_at": None}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        return (await self._credentials.update_many(query, {"$set": {"revoked_at": at}})).modified_count

    async def note_drift(self, device: str, seconds: int, at: datetime) -> None:
        """Remember how far a credential's clock was off."""
        change = {"$set": {"drift_seconds": seconds, "drift_at": at}}
        await self._credentials.update_one({"_id": device}, change)

    async def scan(self, scan_id: str) -> ScanDocument | None:
        """A used code."""
        return cast("ScanDocument | None", await self._scans.find_one({"_id": scan_id}))

    async def is_among_first_deferred(self, scan: ScanDocument, count: int) -> bool:
        """Whether fewer than `count` deferred scans of the member and day came before this stored one."""
        query = {"member_id": scan["member_id"], "day": scan["day"], "deferred": True}
        order = [("received_at", 1), ("_id", 1)]
        first = await self._scans.find(query, {"_id": 1}).sort(order).limit(count).to_list()
        return len(first) < count or scan["_id"] in {document["_id"] for document in first}

    async def put_lock(self, credential: str, until: datetime) -> None:
        """Lock a credential."""
        await self._locks.update_one({"_id": credential}, {"$set": {"until": until}}, upsert=True)

    async def erase(self, member_id: str) -> None:
        """Remove everything kept about a member's cards."""
        await self._credentials.delete_many({"member_id": member_id})
        await self._scans.delete_many({"member_id": member_id})
        await self._kept_identifications.delete_many({"member_id": member_id})

    async def _find_credentials(self, credentials: Sequence[str]) -> list[CredentialDocument | None]:
        query = {"credential": {"$in": sorted(set(credentials))}}
        found = {document["credential"]: document for document in await self._credentials.find(query).to_list()}
        return [cast("CredentialDocument | None", found.get(credential)) for credential in credentials]

    async def _find_locks(self, credentials: Sequence[str]) -> list[datetime | None]:
        query = {"_id": {"$in": sorted(set(credentials))}}
        found = {document["_id"]: document["until"] for document in await self._locks.find(query).to_list()}
        return [found.get(credential) for credential in credentials]

    async def _find_identifications(self, ids: Sequence[str]) -> list[IdentificationDocument | None]:
        query = {"_id": {"$in": sorted(set(ids))}}
        found = {document["_id"]: document for document in await self._identifications.find(query).to_list()}
        return [cast("IdentificationDocument | None", found.get(identity)) for identity in ids]

    async def _accept(self, acceptances: Sequence[Acceptance]) -> list[bool]:
        # An update command tells per item only what went wrong, not what matched. An insert that cannot succeed turns
        # "matched nothing" into an error of that item and never stores anything.
        updates = [
            UpdateOne(
                {"_id": item.device, "revoked_at": None, "last_step": {"$lt": item.step}},
                {
                    "$set": {
                        "last_step": item.step,
                        "last_till": item.till,
                        "last_basket": item.basket,
                        "last_used_at": item.at,
                    },
                    "$setOnInsert": {"_id": None},
                },
                upsert=True,
            )
            for item in acceptances
        ]
        refused = await _refused(self._steps, updates, _IMMUTABLE_FIELD)
        return [index not in refused for index in range(len(updates))]

    async def _add_scans(self, scans: Sequence[ScanDocument]) -> list[bool]:
        inserts = [InsertOne(dict(scan)) for scan in scans]
        refused = await _refused(self._scans, inserts, _DUPLICATE_KEY)
        return [index not in refused for index in range(len(inserts))]

    async def _put_identifications(self, identifications: Sequence[IdentificationDocument]) -> list[None]:
        puts = [UpdateOne({"_id": item["_id"]}, {"$set": dict(item)}, upsert=True) for item in identifications]
        await self._identifications.bulk_write(puts, ordered=False)
        return [None] * len(puts)


async def _refused(
    collection: AsyncCollection[Document],
    writes: Sequence[InsertOne[Document] | UpdateOne],
    expected: int,
) -> set[int]:
    """Write all; the positions of those refused with the expected error code. Any other error is raised."""
    try:
        await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(failure["code"] != expected for failure in failures):
            raise
        return {failure["index"] for failure in failures}
    return set()
