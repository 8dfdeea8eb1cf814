"""An authorization code as it is stored."""

from datetime import datetime
from typing import TypedDict


class AuthorizationCodeDocument(TypedDict):
    """What a code stands for; `_id` is its SHA-256, `grant_id` the grant that it becomes."""

    _id: str
    client_id: str
    redirect_uri: str
    scopes: list[str]
    nonce: str | None
    challenge: str | None
    jkt: str | None
    grant_id: str
    identity_id: str
    session_id: str
    member_id: str | None
    method: str
    level: int
    auth_time: datetime
    expires_at: datetime
    used_at: datetime | None
    replayed: bool
    purge_at: datetime
