"""Access tokens: ES256, `typ: at+jwt` (RFC 9068), minutes long."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import jwt

from app.core.clock import Clock
from auth.errors import AuthRefused
from auth.keys.service import KeyService
from auth.policy import AuthPolicy
from auth.scopes import AUDIENCE_SCOPES, Audience

TYP: Final = "at+jwt"
_AUDIENCE_PREFIX: Final = "urn:stampbook:"
_CACHED: Final = 4096
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"]


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says; `grant_id` is None for machines, `jkt` the DPoP key it is bound to."""

    subject: str
    client_id: str
    audience: Audience
    scopes: frozenset[str]
    expires_at: float
    issued_at: float
    jti: str
    kid: str
    grant_id: str | None
    level: int
    auth_time: float | None
    jkt: str | None


class AccessTokens:
    """Issues and verifies access tokens.

    A verified token is remembered by its digest, so that its signature is checked once and not at every request;
    whether its session still stands is asked anew each time, elsewhere.
    """

    def __init__(self, keys: KeyService, clock: Clock, policy: AuthPolicy) -> None:
        self._keys = keys
        self._clock = clock
        self._policy = policy
        self._verified: OrderedDict[bytes, AccessClaims] = OrderedDict()

    async def issue(
        self,
        *,
        subject: str,
        client_id: str,
        audience: Audience,
        scopes: Iterable[str],
        lifetime: timedelta,
        grant_id: str | None = None,
        level: int | None = None,
        auth_time: datetime | None = None,
        jkt: str | None = None,
    ) -> str:
        """A signed token."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self._policy.issuer,
            "sub": subject,
            "aud": _AUDIENCE_PREFIX + audience,
            "client_id": client_id,
            "scope": " ".join(sorted(scopes)),
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        optional = {
            "sid": grant_id,
            "acr": None if level is None else str(level),
            "auth_time": None if auth_time is None else int(auth_time.timestamp()),
            "cnf": None if jkt is None else {"jkt": jkt},
        }
        claims.update({name: value for name, value in optional.items() if value is not None})
        return await self._keys.sign("ES256", TYP, claims)

    async def verify(self, token: str) -> AccessClaims:
        """What the token says; raises AuthRefused `invalid_token` for anything that is not a live token of ours."""
        key = hashlib.sha256(token.encode()).digest()
        claims = self._verified.get(key)
        if claims is not None and await self._keys.verifier(claims.kid, "ES256") is None:
            del self._verified[key]
            claims = None
        if claims is None:
            claims = await self._verify(token)
            self._verified[key] = claims
            if len(self._verified) > _CACHED:
                self._verified.popitem(last=False)
        else:
            self._verified.move_to_end(key)
        now = self._clock.now().timestamp()
        if not claims.issued_at - self._policy.clock_skew.total_seconds() <= now < claims.expires_at:
            raise AuthRefused("invalid_token", "the access token expired")
        return claims

    async def _verify(self, token: str) -> AccessClaims:
        invalid = AuthRefused("invalid_token", "the access token is not valid")
        if len(token) > 4096:
            raise invalid
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYP or header.get("alg") != "ES256":
                raise invalid
            verifier = await self._keys.verifier(header.get("kid"), "ES256")
            if verifier is None:
                raise invalid
            claims = jwt.decode(
                token,
                verifier,
                algorithms=["ES256"],
                issuer=self._policy.issuer,
                audience=[_AUDIENCE_PREFIX + audience for audience in AUDIENCE_SCOPES],
                # Time is checked against our own clock, at every use.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, ValueError):
            raise invalid from None
        return AccessClaims(
            subject=claims["sub"],
            client_id=claims["client_id"],
            audience=cast("Audience", claims["aud"].removeprefix(_AUDIENCE_PREFIX)),
            scopes=frozenset(claims["scope"].split()),
            expires_at=claims["exp"],
            issued_at=claims["iat"],
            jti=claims["jti"],
            kid=header["kid"],
            grant_id=claims.get("sid"),
            level=int(claims.get("acr", 1)),
            auth_time=claims.get("auth_time"),
            jkt=claims.get("cnf", {}).get("jkt"),
        )
