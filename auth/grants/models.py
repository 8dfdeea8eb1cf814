"""A grant as it is stored."""

from datetime import datetime
from typing import TypedDict

from auth.scopes import Audience


class GrantDocument(TypedDict):
    """A family of tokens: one client on one device for one identity.

    No token is stored: a refresh token is `id.n.MAC(key, id, n, salt)` and only the counter `n` is kept. `jkt` is the
    thumbprint of the DPoP key that the grant is bound to.
    """

    _id: str
    client_id: str
    client_name: str
    identity_id: str
    member_id: str | None
    session_id: str | None
    session_bound: bool
    audience: Audience
    scopes: list[str]
    level: int
    method: str
    auth_time: datetime
    nonce: str | None
    jkt: str | None
    n: int
    salt: str
    rotated_at: datetime
    device: str
    ip_prefix: str
    created_at: datetime
    last_seen_at: datetime
    idle_seconds: int
    idle_until: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None
    purge_at: datetime
