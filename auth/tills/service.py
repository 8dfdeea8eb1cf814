"""Pairing a till: staff name the store and the till and get a code; the till shows up with the code and its own key."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from app.core.clock import Clock
from app.core.errors import InvalidInput
from app.core.ids import new_id
from auth.clients.models import ClientDocument
from auth.clients.repository import ClientRepository
from auth.events.service import SecurityEvents
from auth.keys.service import thumbprint
from auth.policy import AuthPolicy
from auth.ports import StoreDirectory
from auth.scopes import TILL_SCOPES
from auth.tills.errors import PairingRefused, UnknownStore, UnknownTill
from auth.tills.repository import PairingRepository
from auth.web import Peer

# Read aloud and typed: no digit or letter that looks like another.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH: Final = 8
_DEMO_LIFETIME: Final = timedelta(days=30)
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code of eight characters to type at the till; it exists nowhere else."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PairedTill:
    """What the till needs to know of itself."""

    client_id: str
    name: str
    store_id: str
    store_name: str


class TillPairings:
    """Makes pairing codes and trades each for a till once."""

    def __init__(
        self,
        repository: PairingRepository,
        clients: ClientRepository,
        stores: StoreDirectory,
        events: SecurityEvents,
        clock: Clock,
        policy: AuthPolicy,
        key: bytes,
    ) -> None:
        self._repository = repository
        self._clients = clients
        self._stores = stores
        self._events = events
        self._clock = clock
        self._policy = policy
        self._key = key

    async def create(self, store_id: str, name: str, created_by: str) -> Pairing:
        """A code good for ten minutes, once. Raises UnknownStore, InvalidInput (name)."""
        return await self._create(store_id, name, created_by, self._policy.pairing_lifetime)

    async def create_demo(self, store_id: str, name: str) -> Pairing:
        """A code for the development link, good for a month; refused outside of plain-http development."""
        if self._policy.secure_cookies:
            raise PairingRefused
        return await self._create(store_id, name, "system:demo", _DEMO_LIFETIME)

    async def pair(self, code: str, jwk: Any, label: str, peer: Peer | None = None) -> PairedTill:
        """Make the till's client. Raises PairingRefused; a bad key (InvalidInput) does not use the code up."""
        public = _public_p256(jwk)
        if len(label) > _LONGEST_NAME:
            raise InvalidInput(("label",), f"A label has at most {_LONGEST_NAME} characters.")
        pairing = await self._repository.use(self._digest(code), self._clock.now())
        store = await self._stores.by_id(pairing["store_id"]) if pairing else None
        if pairing is None or store is None:
            raise PairingRefused
        client = _till(pairing["name"], pairing["store_id"], public, label, self._clock.now())
        await self._clients.add(client)
        creator = pairing["created_by"].partition(":")[2]
        await self._events.record(creator, "till_paired", actor=pairing["created_by"], peer=peer, till=pairing["name"])
        return PairedTill(client["_id"], pairing["name"], pairing["store_id"], str(store["name"]))

    async def _create(self, store_id: str, name: str, created_by: str, lifetime: timedelta) -> Pairing:
        if not name.strip() or len(name) > _LONGEST_NAME:
            raise InvalidInput(("name",), f"Name the till in at most {_LONGEST_NAME} characters.")
        if await self._stores.by_id(store_id) is None:
            raise UnknownStore
        now = self._clock.now()
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        await self._repository.add(
            {
                "_id": self._digest(code),
                "store_id": store_id,
                "name": name.strip(),
                "created_by": created_by,
                "created_at": now,
                "expires_at": now + lifetime,
                "used_at": None,
                "purge_at": now + lifetime + timedelta(days=1),
            }
        )
        return Pairing(code, now + lifetime)

    def _digest(self, code: str) -> str:
        plain = code.strip().replace("-", "").replace(" ", "").upper()
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()


class TillService:
    """The paired tills."""

    def __init__(self, clients: ClientRepository, events: SecurityEvents) -> None:
        self._clients = clients
        self._events = events

    async def newest(self, first: int = 50) -> list[ClientDocument]:
        """The newest tills, disabled ones too."""
        return await self._clients.of_kind("till", first)

    async def by_id(self, till_id: str) -> ClientDocument | None:
        """A till, disabled or not."""
        client = await self._clients.by_id(till_id)
        return client if client is not None and client["kind"] == "till" else None

    async def disable(self, till_id: str, reason: str, *, actor: str, peer: Peer | None = None) -> ClientDocument:
        """Disable a till: its next request is refused, its tokens are worthless. Raises UnknownTill."""
        client = await self.by_id(till_id)
        if client is None:
            raise UnknownTill
        after = await self._clients.update(till_id, {"status": "disabled", "disabled_reason": reason[:500]})
        await self._events.record(actor.partition(":")[2], "till_disabled", actor=actor, peer=peer, till=client["name"])
        return after or client


def _public_p256(jwk: Any) -> dict[str, str]:
    refused = InvalidInput(("jwk",), "Send the till's public P-256 key as a JWK.")
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise refused
    public = {name: jwk.get(name) for name in ("kty", "crv", "x", "y")}
    if not all(isinstance(value, str) for value in public.values()):
        raise refused
    plain = {name: str(value) for name, value in public.items()}
    try:
        jwt.PyJWK(plain, algorithm="ES256")
    except (jwt.PyJWTError, ValueError):
        raise refused from None
    return plain


def _till(name: str, store_id: str, jwk: dict[str, str], label: str, now: datetime) -> ClientDocument:
    return {
        "_id": new_id("til"),
        "kind": "till",
        "name": name,
        "authentication": "private_key_jwt",
        "secret_hashes": [],
        "jwks": {"keys": [{**jwk, "kid": thumbprint(jwk), "alg": "ES256"}]},
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "origins": [],
        "scopes": sorted(TILL_SCOPES),
        "audience": "pos",
        "pkce": "required",
        "dpop": "allowed",
        "first_party": True,
        "session_bound": False,
        "refresh_idle": 0,
        "refresh_absolute": 0,
        "backchannel_logout_uri": None,
        "status": "active",
        "created_at": now,
        "store_id": store_id,
        "label": label,
    }
