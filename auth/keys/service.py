"""The provider's signing keys: made, sealed, published ahead of use, retired, replaced in an emergency.

Every key goes `next` (published, not used) → `active` (signs) → `retired` (still published) → gone. ES256 signs access
tokens, RS256 signs ID tokens and logout tokens, which foreign clients must be able to read.
"""

import asyncio
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from app.core import base64url
from app.core.clock import Clock
from auth.keys.models import Algorithm, KeyDocument, KeyState
from auth.keys.repository import KeyRepository
from auth.policy import AuthPolicy

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_ALGORITHMS: Final[tuple[Algorithm, ...]] = ("ES256", "RS256")
_MADE: Final[tuple[KeyState, ...]] = ("active", "next")
_REFRESH: Final = timedelta(seconds=60)
_REFRESH_FOR_UNKNOWN: Final = timedelta(seconds=5)
_THUMBPRINT_MEMBERS: Final = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}


def thumbprint(jwk: dict[str, Any]) -> str:
    """The RFC 7638 SHA-256 thumbprint of a public JWK, base64url; raises KeyError for an unknown or partial key."""
    members = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    return base64url.encode(hashlib.sha256(canonical).digest())


def public_jwk(key: PrivateKey) -> dict[str, Any]:
    """The public half as a JWK without `kid`."""
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return ECAlgorithm.to_jwk(public, as_dict=True)
    return {
        name: value for name, value in RSAAlgorithm.to_jwk(public, as_dict=True).items() if name in ("kty", "n", "e")
    }


class SealedWithAnotherSecret(Exception):
    """The stored keys cannot be opened with this installation's secret."""

    def __init__(self) -> None:
        super().__init__(
            "the signing keys were sealed with another STAMPBOOK_SECRET: set that one again, "
            "or make new keys with `stampbook keys emergency`"
        )


@dataclass(frozen=True, slots=True)
class _Loaded:
    document: KeyDocument
    verifier: jwt.PyJWK
    signer: PrivateKey


class KeyService:
    """Signs with the active key, publishes the others, rotates."""

    def __init__(self, repository: KeyRepository, clock: Clock, policy: AuthPolicy, sealing_key: bytes) -> None:
        self._repository = repository
        self._clock = clock
        self._policy = policy
        self._seal = AESGCM(sealing_key)
        self._keys: dict[str, _Loaded] = {}
        self._loaded_at: datetime | None = None

    async def start(self) -> None:
        """Make the first keys if there are none, and load all."""
        await self._fill()
        await self._load()

    async def sign(self, alg: Algorithm, typ: str, claims: dict[str, Any]) -> str:
        """Sign claims with the algorithm's active key; the header names its `kid` and the token's `typ`."""
        await self._refresh(_REFRESH)
        key = next(
            (k for k in self._keys.values() if k.document["alg"] == alg and k.document["state"] == "active"), None
        )
        if key is None:
            await self.start()
            key = next(k for k in self._keys.values() if k.document["alg"] == alg and k.document["state"] == "active")
        headers = {"typ": typ, "kid": key.document["_id"]}
        if alg == "RS256":
            # Two thirds of a millisecond to several: off the event loop, where 20 people sign in at once.
            return await asyncio.to_thread(jwt.encode, claims, key.signer, alg, headers)
        return jwt.encode(claims, key.signer, alg, headers)

    async def verifier(self, kid: object, alg: Algorithm) -> jwt.PyJWK | None:
        """The published key of this id if it is of this algorithm, looking once more when it is new to us."""
        if not isinstance(kid, str):
            return None
        await self._refresh(_REFRESH)
        if kid not in self._keys:
            await self._refresh(_REFRESH_FOR_UNKNOWN)
        key = self._keys.get(kid)
        return key.verifier if key is not None and key.document["alg"] == alg else None

    async def jwks(self) -> dict[str, Any]:
        """The JWK set of every key that is not gone (RFC 7517)."""
        await self._refresh(_REFRESH)
        return {"keys": [key.document["public"] for key in self._keys.values()]}

    async def every(self) -> list[KeyDocument]:
        """Every key, oldest first."""
        return await self._repository.all()

    async def rotate(self, *, force: bool = False) -> list[str]:
        """Move each algorithm's keys on where it is due (or now, with `force`); returns the ids that became active."""
        now = self._clock.now()
        await self._repository.drop_retired(now - self._policy.key_kept_after)
        await self._fill()
        for alg in _ALGORITHMS:
            of_alg = [key for key in await self._repository.all() if key["alg"] == alg]
            active = next((key for key in of_alg if key["state"] == "active"), None)
            following = next((key for key in of_alg if key["state"] == "next"), None)
            due = active is None or now - (active["activated_at"] or now) >= self._policy.key_lifetime
            ready = following is not None and now - following["created_at"] >= self._policy.key_published_ahead
            if force or (due and ready):
                await self._repository.move(alg, "active", "retired", {"retired_at": now})
                await self._repository.move(alg, "next", "active", {"activated_at": now})
        await self._fill()
        before = {kid for kid, key in self._keys.items() if key.document["state"] == "active"}
        await self._load()
        return [k for k, key in self._keys.items() if key.document["state"] == "active" and k not in before]

    async def replace_all(self) -> None:
        """Remove every key at once and make new ones: what the old ones signed is worthless from here on."""
        await self._repository.drop_all()
        await self.start()

    async def _fill(self) -> None:
        """Make the active and next keys that are missing."""
        present = {(key["alg"], key["state"]) for key in await self._repository.all()}
        for alg in _ALGORITHMS:
            for state in _MADE:
                if (alg, state) not in present:
                    await self._repository.add(await asyncio.to_thread(self._make, alg, state))

    async def _refresh(self, older_than: timedelta) -> None:
        if self._loaded_at is None or abs(self._clock.now() - self._loaded_at) >= older_than:
            await self._load()

    async def _load(self) -> None:
        loaded = {}
        for document in await self._repository.all():
            kept = self._keys.get(document["_id"])
            verifier = kept.verifier if kept else jwt.PyJWK(document["public"], algorithm=document["alg"])
            signer = kept.signer if kept else self._unseal(document)
            loaded[document["_id"]] = _Loaded(document, verifier, signer)
        self._keys = loaded
        self._loaded_at = self._clock.now()

    def _make(self, alg: Algorithm, state: KeyState) -> KeyDocument:
        key: PrivateKey
        key = ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else rsa.generate_private_key(65537, 2048)
        jwk = public_jwk(key)
        kid = thumbprint(jwk)
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        nonce = os.urandom(12)
        now = self._clock.now()
        return {
            "_id": kid,
            "alg": alg,
            "state": state,
            "created_at": now,
            "activated_at": now if state == "active" else None,
            "retired_at": None,
            "public": {**jwk, "kid": kid, "alg": alg, "use": "sig"},
            "sealed": nonce + self._seal.encrypt(nonce, der, kid.encode()),
        }

    def _unseal(self, document: KeyDocument) -> PrivateKey:
        sealed = document["sealed"]
        try:
            der = self._seal.decrypt(sealed[:12], sealed[12:], document["_id"].encode())
        except InvalidTag:
            raise SealedWithAnotherSecret from None
        # The seal proves that it is the key that we made; proving its primes anew holds everybody up for 36 ms.
        return cast("PrivateKey", load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True))
