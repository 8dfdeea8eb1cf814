"""A security event as it is stored."""

from datetime import datetime
from typing import TypedDict


class SecurityEventDocument(TypedDict):
    """What happened, to whom, by whom and from where."""

    _id: str
    identity_id: str
    type: str
    at: datetime
    actor: str
    ip_prefix: str | None
    device: str | None
    detail: dict[str, str]
    purge_at: datetime
