"""Mails in MongoDB."""

from datetime import datetime
from typing import cast

from app.core.database import Database, Index
from app.messages.models import Mail

COLLECTION = "mails"
INDEXES: dict[str, list[Index]] = {
    COLLECTION: [
        Index((("created_at", -1),)),
        Index((("member_id", 1), ("created_at", -1))),
        Index((("created_at", 1),), expire_after=400 * 24 * 3600, name="forget"),
        Index((("kind", 1), ("created_at", 1)), partial={"text": {"$gt": ""}}, name="readable"),
    ]
}
_UNREADABLE = {"subject": "", "text": ""}


class MailRepository:
    """Reads and writes mails."""

    def __init__(self, database: Database) -> None:
        self._mails = database[COLLECTION]

    async def insert(self, mail: Mail) -> None:
        """Store a new mail."""
        await self._mails.insert_one({**mail})

    async def by_id(self, mail_id: str) -> Mail | None:
        """One mail, or None."""
        return cast("Mail | None", await self._mails.find_one({"_id": mail_id}))

    async def mark_sent(self, mail: Mail, at: datetime) -> None:
        """Remember that the mail left; its text is dropped, and with a code also the subject, which shows it."""
        unreadable = _UNREADABLE if mail["kind"] == "code" else {"text": ""}
        await self._mails.update_one({"_id": mail["_id"]}, {"$set": {"sent_at": at, **unreadable}})

    async def forget_codes(self, created_before: datetime) -> None:
        """Drop the words of the code mails that are older, sent or not."""
        old = {"kind": "code", "text": {"$gt": ""}, "created_at": {"$lte": created_before}}
        await self._mails.update_many(old, {"$set": _UNREADABLE})

    async def newest(self, first: int) -> list[Mail]:
        """The newest mails, newest first."""
        return cast("list[Mail]", await self._mails.find().sort("created_at", -1).limit(first).to_list())

    async def of_member(self, member_id: str, before: datetime | None, first: int) -> list[Mail]:
        """A member's mails, newest first, older than `before`."""
        query: dict[str, object] = {"member_id": member_id}
        if before is not None:
            query["created_at"] = {"$lt": before}
        return cast("list[Mail]", await self._mails.find(query).sort("created_at", -1).limit(first).to_list())
