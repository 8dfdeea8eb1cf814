"""Registering clients and finding them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from app.core.clock import Clock
from app.core.errors import InvalidInput
from auth.clients.authentication import hash_secret
from auth.clients.models import ClientAuthentication, ClientDocument, ClientKind
from auth.clients.redirects import check_redirect_uri
from auth.clients.repository import ClientRepository
from auth.outside import OutsideAddresses
from auth.scopes import AUDIENCE_SCOPES, IDENTITY_SCOPES, Audience

TRANSFER_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_DAY: Final = 24 * 3600
_ORIGINS_KEPT: Final = timedelta(seconds=10)
_STOREFRONT_SCOPES: Final = (
    "openid",
    "profile",
    "email",
    "offline_access",
    "member:read",
    "points:read",
    "rewards:read",
)


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a kind of client gets unless it is told otherwise; lifetimes in seconds."""

    authentication: ClientAuthentication
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    audience: Audience
    dpop: bool
    first_party: bool
    session_bound: bool
    refresh_idle: int
    refresh_absolute: int


_PROFILES: Final[dict[ClientKind, _Profile]] = {
    "app": _Profile(
        "none",
        ("authorization_code", "refresh_token", TRANSFER_GRANT),
        (*sorted(IDENTITY_SCOPES), *sorted(AUDIENCE_SCOPES["member"])),
        "member",
        dpop=True,
        first_party=True,
        session_bound=False,
        refresh_idle=60 * _DAY,
        refresh_absolute=365 * _DAY,
    ),
    "storefront_server": _Profile(
        "client_secret",
        ("authorization_code", "refresh_token"),
        _STOREFRONT_SCOPES,
        "member",
        dpop=False,
        first_party=False,
        session_bound=True,
        refresh_idle=_DAY,
        refresh_absolute=180 * _DAY,
    ),
    "storefront_browser": _Profile(
        "none",
        ("authorization_code", "refresh_token"),
        _STOREFRONT_SCOPES,
        "member",
        dpop=True,
        first_party=False,
        session_bound=True,
        refresh_idle=_DAY,
        refresh_absolute=180 * _DAY,
    ),
    "partner": _Profile(
        "client_secret",
        ("client_credentials",),
        ("till:identify", "till:earn", "till:reverse"),
        "pos",
        dpop=False,
        first_party=True,
        session_bound=False,
        refresh_idle=0,
        refresh_absolute=0,
    ),
}


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client and its secret, which exists nowhere else; None for clients without one."""

    client: ClientDocument
    secret: str | None


class ClientService:
    """The clients."""

    def __init__(self, repository: ClientRepository, outside: OutsideAddresses, clock: Clock) -> None:
        self._repository = repository
        self._outside = outside
        self._clock = clock
        self._origins: Mapping[str, bool] = {}
        self._origins_until: datetime | None = None

    async def by_id(self, client_id: str) -> ClientDocument | None:
        """An active client."""
        client = await self._repository.by_id(client_id)
        return client if client is not None and client["status"] == "active" else None

    async def by_ids(self, client_ids: Sequence[str]) -> dict[str, ClientDocument]:
        """Clients by id, tills and disabled ones too; unknown ids are left out."""
        return await self._repository.by_ids(client_ids)

    async def everything(self) -> list[ClientDocument]:
        """Every client that is not a till, disabled ones too."""
        return await self._repository.all()

    async def register(
        self,
        kind: ClientKind,
        name: str,
        *,
        client_id: str | None = None,
        redirect_uris: Sequence[str] = (),
        post_logout_redirect_uris: Sequence[str] = (),
        origins: Sequence[str] = (),
        backchannel_logout_uri: str | None = None,
        jwks: dict[str, Any] | None = None,
        secret: str | None = None,
        **changes: Any,
    ) -> Registered:
        """Register a client, or replace the one with this id. Raises InvalidInput.

        A client with `jwks` authenticates by signed assertion; otherwise its kind decides. `changes` replace single
        fields of what the kind gives.
        """
        profile = _PROFILES[kind]
        authentication: ClientAuthentication = "private_key_jwt" if jwks else profile.authentication
        if backchannel_logout_uri is not None:
            await self._outside.check(backchannel_logout_uri, "backchannelLogoutUri")
        made_secret = (secret or secrets.token_urlsafe(32)) if authentication == "client_secret" else None
        client: ClientDocument = {
            "_id": client_id or f"{kind.replace('_', '-')}-{secrets.token_hex(6)}",
            "kind": kind,
            "name": name,
            "authentication": authentication,
            "secret_hashes": [hash_secret(made_secret)] if made_secret else [],
            "jwks": jwks or {"keys": []},
            "grant_types": list(profile.grant_types),
            "redirect_uris": [check_redirect_uri(uri) for uri in redirect_uris],
            "post_logout_redirect_uris": [check_redirect_uri(uri) for uri in post_logout_redirect_uris],
            "origins": [_check_origin(origin) for origin in origins],
            "scopes": list(profile.scopes),
            "audience": profile.audience,
            "pkce": "required",
            "dpop": "required" if profile.dpop else "allowed",
            "first_party": profile.first_party,
            "session_bound": profile.session_bound,
            "refresh_idle": profile.refresh_idle,
            "refresh_absolute": profile.refresh_absolute,
            "backchannel_logout_uri": backchannel_logout_uri,
            "status": "active",
            "created_at": self._clock.now(),
        }
        client.update(changes)  # type: ignore[typeddict-item]  # single fields of the same document
        await self._repository.put(client)
        self._origins_until = None
        return Registered(client, made_secret)

    async def disable(self, client_id: str) -> bool:
        """Disable a client; returns whether there is one."""
        return await self._repository.update(client_id, {"status": "disabled"}) is not None

    async def is_known_origin(self, origin: str) -> bool:
        """Whether a registered client's pages live there."""
        return origin in await self._known_origins()

    async def is_public_origin(self, origin: str) -> bool:
        """Whether pages live there of a client that asks for tokens from the browser, as it has no secret to keep."""
        return (await self._known_origins()).get(origin, False)

    async def _known_origins(self) -> Mapping[str, bool]:
        """What the repository says, remembered for seconds, as every preflight asks."""
        now = self._clock.now()
        if self._origins_until is None or now >= self._origins_until:
            self._origins = await self._repository.origins()
            self._origins_until = now + _ORIGINS_KEPT
        return self._origins


def _check_origin(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != origin:
        raise InvalidInput(("origins",), f"{origin!r} is not an origin such as https://shop.example.")
    return origin
