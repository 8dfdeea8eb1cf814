"""Outside providers as configured, and attempts to sign in with them as stored."""

from datetime import datetime
from typing import Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from auth.interactions.models import PendingLink


class OutsideProvider(BaseModel):
    """An outside OpenID provider, as an operator configures it.

    `authority` says for which addresses its word is proof enough: `google` for gmail.com and the hosted domain that it
    names, `apple` for every verified one, `domains` for those listed, `none` for no address at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    name: str = Field(min_length=1, max_length=60)
    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    client_id: str
    client_secret: str | None = None
    authentication: Literal["client_secret_basic", "client_secret_post", "none"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    response_mode: Literal["query", "form_post"] = "query"
    authority: Literal["google", "apple", "domains", "none"] = "none"
    domains: tuple[str, ...] = ()


PROVIDERS = TypeAdapter(tuple[OutsideProvider, ...])


class AttemptDocument(TypedDict):
    """One attempt; `_id` is the digest of its state, `binding` of a cookie. Several may be open side by side."""

    _id: str
    provider: str
    issuer: str
    binding: str
    verifier: str
    nonce: str
    interaction_id: str | None
    link_to: str | None
    return_to: str
    expires_at: datetime


class OutsideClaims(TypedDict):
    """What a genuine ID token of an outside provider says, as far as we listen."""

    issuer: str
    subject: str
    sid: str | None
    email: str | None
    email_verified: bool
    hosted_domain: str | None


def pending_of(provider: OutsideProvider, claims: OutsideClaims) -> PendingLink:
    """The link that waits for the person to prove an address."""
    return {
        "key": f"{claims['issuer']} {claims['subject']}",
        "label": provider.name,
        "provider": provider.id,
        "issuer": claims["issuer"],
        "subject": claims["subject"],
        "sid": claims["sid"],
        "email": claims["email"] if claims["email_verified"] else None,
    }
