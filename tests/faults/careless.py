"""A store that must be caught: it takes one server's word for a write."""

from collections.abc import Sequence

from app.ledger.models import EntryDocument
from app.ledger.repository import Duplicate, LedgerRepository


class Careless(LedgerRepository):
    """Acknowledges what one server has in memory."""

    async def append(self, entries: Sequence[EntryDocument], *, ordered: bool) -> list[Duplicate]:
        command = {
            "insert": "entries",
            "documents": list(entries),
            "ordered": ordered,
            "writeConcern": {"w": 1, "j": False},
        }
        answer = await self._command(command)
        return [
            Duplicate(error["index"], "sequence" if "_id" in error["keyPattern"] else "operation")
            for error in answer.get("writeErrors", ())
        ]
