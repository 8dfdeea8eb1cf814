"""A signed-in browser as it is stored."""

from datetime import datetime
from typing import Literal, TypedDict

SignInMethod = Literal["email", "passkey", "federated", "transfer"]


class Upstream(TypedDict):
    """The outside provider's session behind ours, so that its back-channel logout finds us."""

    issuer: str
    subject: str
    sid: str | None


class SessionDocument(TypedDict):
    """One browser's session.

    `secret` is the SHA-256 of the cookie's value, which changes at every sign-in and step-up while `_id` stays.
    `level` is what the last proof was worth (2 a code or outside account, 3 a passkey) at `auth_time`. Roles, member
    and e-mail are copies, so that checking a request is one read; whoever changes the original changes the copies.
    """

    _id: str
    secret: str
    identity_id: str
    roles: list[str]
    member_id: str | None
    email: str | None
    name: str | None
    method: SignInMethod
    level: int
    auth_time: datetime
    created_at: datetime
    last_seen_at: datetime
    idle_until: datetime
    expires_at: datetime
    ended_at: datetime | None
    device: str
    ip_prefix: str
    parent: str | None
    upstream: Upstream | None
    purge_at: datetime
