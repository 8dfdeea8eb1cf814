"""An interaction as it is stored."""

from datetime import datetime
from typing import TypedDict


class AuthorizationRequest(TypedDict):
    """A valid authorization request (OpenID Connect Core section 3.1.2.1)."""

    client_id: str
    redirect_uri: str
    scopes: list[str]
    state: str | None
    nonce: str | None
    challenge: str | None
    prompt: list[str]
    max_age: int | None
    acr: int | None
    login_hint: str | None
    subject_hint: str | None
    language: str | None
    jkt: str | None


class PendingLink(TypedDict):
    """An outside account that signed in but is nobody's yet; `email` is its verified but not authoritative address."""

    key: str
    label: str
    provider: str
    issuer: str
    subject: str
    sid: str | None
    email: str | None


class InteractionDocument(TypedDict):
    """One attempt in one browser; several may be open side by side.

    `binding` is the digest of a cookie of that browser, `began_with` the digest of its session then: sessions change
    their secret at every proof, so another one now means that somebody has just proved who they are. `email` is where
    a code was sent.
    """

    _id: str
    binding: str
    began_with: str | None
    request: AuthorizationRequest | None
    return_to: str
    language: str | None
    email: str | None
    pending: PendingLink | None
    consented: bool
    continued: bool
    created_at: datetime
    expires_at: datetime
