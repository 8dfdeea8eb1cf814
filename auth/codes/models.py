"""A one-time code as it is stored."""

from datetime import datetime
from typing import TypedDict


class CodeDocument(TypedDict):
    """The one live code of a purpose and target; `_id` and `mac` are keyed digests, so the table tells nothing."""

    _id: str
    mac: str
    nonce: str
    tries: int
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None
    purge_at: datetime
