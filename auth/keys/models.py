"""A signing key as it is stored."""

from datetime import datetime
from typing import Any, Literal, TypedDict

Algorithm = Literal["ES256", "RS256"]
KeyState = Literal["next", "active", "retired"]


class KeyDocument(TypedDict):
    """A key pair; `_id` is the RFC 7638 thumbprint and the `kid`, `sealed` the private key under a derived key."""

    _id: str
    alg: Algorithm
    state: KeyState
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None
    public: dict[str, Any]
    sealed: bytes
