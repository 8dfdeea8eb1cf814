"""Stored identities and their sign-in methods."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

MethodType = Literal["email", "passkey", "federated"]


class IdentityDocument(TypedDict):
    """Somebody: a member-to-be, a member, or a member of staff (who has roles)."""

    _id: str
    status: Literal["active", "disabled", "merged"]
    merged_into: str | None
    roles: list[str]
    name: str | None
    created_at: datetime


class MethodDocument(TypedDict):
    """A way to prove an identity.

    `key` is the normalised address, the credential id (base64url) or `issuer subject`; it is unique per type.
    An invited or imported address is kept with `verified_at` None until its owner proves it. `moved_from` names the
    identities that brought it along when they were merged, the last merge last.
    """

    _id: str
    identity_id: str
    type: MethodType
    key: str
    label: str
    created_at: datetime
    verified_at: datetime | None
    last_used_at: datetime | None
    invited: NotRequired[bool]
    public_key: NotRequired[bytes]
    sign_count: NotRequired[int]
    transports: NotRequired[list[str]]
    backed_up: NotRequired[bool]
    provider: NotRequired[str]
    moved_from: NotRequired[list[str]]
