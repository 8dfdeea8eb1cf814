"""The designs that the ledger is measured against: a transaction per operation, and a naive guarded update."""

from datetime import UTC, datetime
from typing import Any

from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.core.database import Client, Database
from app.ledger.models import Command, Earn, EntryDocument, Redeem

_JOURNALED = WriteConcern(w="majority", j=True)


class TransactionPerOperation:
    """The ordinary design: a guarded `$inc` on the account and an insert of the entry, in one transaction."""

    def __init__(self, client: Client, database: Database, template: EntryDocument) -> None:
        self._client = client
        self._accounts = database["baseline_accounts"]
        self._entries = database["baseline_entries"]
        self._template = template

    async def prepare(self) -> None:
        await self._entries.create_index([("account", 1), ("operation", 1)], unique=True)

    async def fund(self, accounts: list[str], points: int) -> None:
        await self._accounts.insert_many([{"_id": name, "balance": points, "seq": 0} for name in accounts])

    async def post(self, command: Command) -> None:
        points = _change(command)
        async with self._client.start_session() as session:
            await session.with_transaction(
                lambda s: self._post(s, command, points), ReadConcern("snapshot"), _JOURNALED
            )

    async def _post(self, session: Any, command: Command, points: int) -> None:
        after = await self._accounts.find_one_and_update(
            {"_id": command.account, "balance": {"$gte": -points}},
            {"$inc": {"balance": points, "seq": 1}},
            return_document=True,
            session=session,
        )
        if after is None:
            raise PyMongoError("refused")
        entry: dict[str, Any] = dict(self._template)
        entry.update(
            _id=f"{command.account}:{after['seq']:010d}",
            account=command.account,
            seq=after["seq"],
            operation=command.operation,
            points=points,
            balance=after["balance"],
            posted_at=datetime.now(UTC),
        )
        await self._entries.insert_one(entry, session=session)


class GuardedUpdate:
    """The naive design: one guarded update of a balance for each operation; no entry, no idempotency, no history."""

    def __init__(self, database: Database) -> None:
        self._accounts = database["naive_accounts"].with_options(write_concern=_JOURNALED)

    async def fund(self, accounts: list[str], points: int) -> None:
        await self._accounts.insert_many([{"_id": name, "balance": points} for name in accounts])

    async def post(self, command: Command) -> None:
        points = _change(command)
        await self._accounts.update_one(
            {"_id": command.account, "balance": {"$gte": -points}}, {"$inc": {"balance": points}}
        )


def _change(command: Command) -> int:
    if isinstance(command, Earn):
        return command.points
    return -command.points if isinstance(command, Redeem) else 0
