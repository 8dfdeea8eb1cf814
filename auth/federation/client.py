"""The protocol side of an outside provider: metadata, keys, codes, ID tokens, logout tokens.

Metadata and keys are fetched without blocking the event loop, kept for an hour at most, and fetched anew when a
signature does not fit, though not more than once in five seconds; when fetching fails, what is known is kept.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus

import jwt
import orjson

from app.core.clock import Clock
from auth.federation.models import OutsideClaims, OutsideProvider
from auth.outside import OutsideAddresses, OutsideRefused
from auth.provider.id_tokens import LOGOUT_EVENT

_OLDEST: Final = timedelta(hours=1)
_YOUNGEST: Final = timedelta(seconds=5)
_SKEW: Final = 60.0
_ALGORITHMS: Final = ("RS256", "ES256", "PS256", "EdDSA")


class OutsideFailed(Exception):
    """The provider did not answer as OpenID Connect says, or its answer is not for us."""


class OutsideClient:
    """Talks to one provider."""

    def __init__(self, provider: OutsideProvider, outside: OutsideAddresses, clock: Clock) -> None:
        self.provider = provider
        self._outside = outside
        self._clock = clock
        self._lock = asyncio.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: list[dict[str, Any]] = []
        self._fetched_at: datetime | None = None

    async def metadata(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery section 4); raises OutsideFailed."""
        await self._fetch_if_older(_OLDEST)
        if self._metadata is None:
            raise OutsideFailed("the provider's metadata cannot be read")
        return self._metadata

    async def redeem(self, code: str, redirect_uri: str, verifier: str, nonce: str) -> OutsideClaims:
        """Who signed in there, by a code. Raises OutsideFailed."""
        provider = self.provider
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": provider.client_id,
        }
        headers = {}
        if provider.client_secret is not None and provider.authentication == "client_secret_basic":
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        elif provider.client_secret is not None and provider.authentication == "client_secret_post":
            form["client_secret"] = provider.client_secret
        answer = await self._json("POST", metadata["token_endpoint"], form, headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OutsideFailed("the provider sent no ID token")
        claims = await self._verified(token, ["iss", "sub", "aud", "exp", "iat"])
        if claims.get("nonce") != nonce or claims.get("azp", provider.client_id) != provider.client_id:
            raise OutsideFailed("the ID token is for another sign-in")
        if not self._now() - _SKEW < claims["exp"]:
            raise OutsideFailed("the ID token expired")
        email = claims.get("email")
        return {
            "issuer": provider.issuer,
            "subject": str(claims["sub"]),
            "sid": _text(claims.get("sid")),
            "email": email.strip().lower() if isinstance(email, str) else None,
            # Apple says it as text.
            "email_verified": claims.get("email_verified") in (True, "true"),
            "hosted_domain": _text(claims.get("hd")),
        }

    async def read_logout_token(self, token: str) -> tuple[dict[str, Any], datetime]:
        """The claims of a logout token and when to forget its `jti` (Back-Channel Logout section 2.6)."""
        claims = await self._verified(token, ["iss", "aud", "iat", "jti", "events"])
        events = claims["events"]
        if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
            raise OutsideFailed("this is no logout token")
        if not isinstance(claims.get("sid"), str) and not isinstance(claims.get("sub"), str):
            raise OutsideFailed("the logout token names nobody")
        if abs(self._now() - claims["iat"]) > 5 * _SKEW:
            raise OutsideFailed("the logout token is too old")
        return claims, datetime.fromtimestamp(claims["iat"] + 10 * _SKEW, UTC)

    async def _verified(self, token: str, required: list[str]) -> dict[str, Any]:
        await self.metadata()
        for attempt in range(2):
            if attempt:
                await self._fetch_if_older(_YOUNGEST)
            claims = self._decode(token, required)
            if claims is not None and all(isinstance(claims.get(name, 0), int | float) for name in ("exp", "iat")):
                return claims
        raise OutsideFailed("the token's signature, issuer or audience is not right")

    def _decode(self, token: str, required: list[str]) -> dict[str, Any] | None:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return None
        algorithm = header.get("alg")
        if algorithm not in _ALGORITHMS:
            return None
        for key in self._keys:
            if header.get("kid", key.get("kid")) != key.get("kid", header.get("kid")):
                continue
            if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
                continue
            try:
                return jwt.decode(
                    token,
                    jwt.PyJWK(key, algorithm=algorithm),
                    algorithms=[algorithm],
                    audience=self.provider.client_id,
                    issuer=self.provider.issuer,
                    options={"require": required, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
                )
            except (jwt.PyJWTError, ValueError):
                continue
        return None

    async def _fetch_if_older(self, age: timedelta) -> None:
        async with self._lock:
            now = self._clock.now()
            if self._fetched_at is not None and now - self._fetched_at < age:
                return
            try:
                metadata, keys = await self._fetch()
            except OutsideFailed:
                if self._metadata is None:
                    raise
                return
            self._metadata, self._keys, self._fetched_at = metadata, keys, now

    async def _fetch(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        issuer = self.provider.issuer
        metadata = await self._json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if metadata.get("issuer") != issuer or not all(isinstance(metadata.get(name), str) for name in needed):
            raise OutsideFailed("the metadata is incomplete, or names another issuer")
        keys = (await self._json("GET", metadata["jwks_uri"])).get("keys")
        return metadata, [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    async def _json(
        self, method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            answer = await self._outside.request(
                method, url, form=form, headers={"Accept": "application/json", **(headers or {})}
            )
            value = orjson.loads(answer.content)
        except (OutsideRefused, orjson.JSONDecodeError) as error:
            raise OutsideFailed(str(error)) from error
        if answer.status_code != 200 or not isinstance(value, dict):
            raise OutsideFailed(f"{url} answered {answer.status_code}")
        return value

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
