"""Stored shapes of messages."""

from datetime import datetime
from typing import TypedDict


class Mail(TypedDict):
    """A mail to one address. In development it stays here for the outbox page; the text is plain."""

    _id: str
    to: str
    subject: str
    text: str
    kind: str
    member_id: str | None
    created_at: datetime
    sent_at: datetime | None
