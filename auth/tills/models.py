"""A pairing as it is stored."""

from datetime import datetime
from typing import TypedDict


class PairingDocument(TypedDict):
    """Permission to pair one till; `_id` is a keyed digest of the code."""

    _id: str
    store_id: str
    name: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    purge_at: datetime
