"""A client as it is stored."""

from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

from auth.scopes import Audience

ClientKind = Literal["app", "storefront_server", "storefront_browser", "till", "partner"]
ClientAuthentication = Literal["none", "client_secret", "private_key_jwt"]


class ClientDocument(TypedDict):
    """A program that asks for tokens.

    `dpop` says whether its tokens must be bound to a key. `first_party` clients skip consent. Grants of a client that
    is `session_bound` die with the browser session under which they were made. Refresh lifetimes are in seconds.
    """

    _id: str
    kind: ClientKind
    name: str
    authentication: ClientAuthentication
    secret_hashes: list[str]
    jwks: dict[str, Any]
    grant_types: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    origins: list[str]
    scopes: list[str]
    audience: Audience
    pkce: Literal["required", "allowed"]
    dpop: Literal["required", "allowed"]
    first_party: bool
    session_bound: bool
    refresh_idle: int
    refresh_absolute: int
    backchannel_logout_uri: str | None
    status: Literal["active", "disabled"]
    created_at: datetime
    store_id: NotRequired[str]
    label: NotRequired[str]
    last_seen_at: NotRequired[datetime]
    disabled_reason: NotRequired[str]
