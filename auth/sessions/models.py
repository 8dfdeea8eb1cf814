"""A signed-in browser as it is stored."""

from datetime import datetime
from typing import Literal, TypedDict

SignInMethod = Literal["email", "passkey", "federated", "transfer"]


class Upstream(TypedDict):
    """The outside provider's session behind ours, so that its back-channel logout finds us."""

    issuer: str
    subject: str
    sid: str | None


class CheckedSession(TypedDict):
    """As much of a session as checking a request takes.

    Roles and member are copies, so that it is one read; whoever changes the original changes the copies.
    """

    _id: str
    identity_id: str
    roles: list[str]
    member_id: str | None
    level: int
    auth_time: datetime
    last_seen_at: datetime
    idle_until: datetime
    expires_at: datetime
    ended_at: datetime | None


class SessionDocument(CheckedSession):
    """One browser's session.

    `secret` is the SHA-256 of the cookie's value, which changes at every sign-in and step-up while `_id` stays.
    `level` is what the last proof was worth (2 a code or outside account, 3 a passkey) at `auth_time`. The e-mail
    address and the name are copies too.
    """

    secret: str
    email: str | None
    name: str | None
    method: SignInMethod
    created_at: datetime
    device: str
    ip_prefix: str
    parent: str | None
    upstream: Upstream | None
    purge_at: datetime
