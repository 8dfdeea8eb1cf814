"""Who the client at the token endpoint is: secret, signed assertion (RFC 7523), or nothing for public clients."""

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

import jwt
from starlette.requests import Request

from app.core.clock import Clock
from auth.clients.models import ClientDocument
from auth.clients.repository import ClientRepository
from auth.errors import InvalidClient, OAuthRefused
from auth.policy import AuthPolicy
from auth.replay.repository import ReplayGuard

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_ASSERTION: Final = timedelta(minutes=10)
_KEY_ALGORITHMS: Final = {("EC", "P-256"): "ES256", ("RSA", None): "RS256"}


def hash_secret(secret: str) -> str:
    """What is stored of a client secret; ours are 256 random bits, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ClientAuthenticator:
    """Authenticates clients; raises InvalidClient without saying what was wrong."""

    def __init__(self, repository: ClientRepository, replay: ReplayGuard, clock: Clock, policy: AuthPolicy) -> None:
        self._repository = repository
        self._replay = replay
        self._clock = clock
        self._policy = policy

    async def authenticate(self, request: Request, form: Mapping[str, str]) -> ClientDocument:
        """The client behind a request; one method at a time (RFC 6749 section 2.3)."""
        authorization = request.headers.get("authorization", "")
        basic = authorization[:6].lower() == "basic "
        if sum((basic, "client_secret" in form, "client_assertion" in form)) > 1:
            raise OAuthRefused("invalid_request", "use one client authentication method")
        if "client_assertion" in form:
            return await self._by_assertion(form)
        if basic:
            client_id, secret = _basic(authorization)
            if form.get("client_id", client_id) != client_id:
                raise OAuthRefused("invalid_request", "two different client ids")
            return await self._by_secret(client_id, secret, basic=True)
        client_id = form.get("client_id", "")
        if "client_secret" in form:
            return await self._by_secret(client_id, form["client_secret"], basic=False)
        client = await self._active(client_id)
        if client is None or client["authentication"] != "none":
            raise InvalidClient
        return client

    async def _active(self, client_id: str) -> ClientDocument | None:
        client = await self._repository.by_id(client_id) if client_id else None
        return client if client is not None and client["status"] == "active" else None

    async def _by_secret(self, client_id: str, secret: str, *, basic: bool) -> ClientDocument:
        client = await self._active(client_id)
        given = hash_secret(secret)
        hashes = client["secret_hashes"] if client and client["authentication"] == "client_secret" else []
        matches = [hmac.compare_digest(given, known) for known in hashes]
        if client is None or not any(matches):
            raise InvalidClient(basic)
        return client

    async def _by_assertion(self, form: Mapping[str, str]) -> ClientDocument:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidClient
        assertion = form["client_assertion"]
        try:
            unverified = jwt.decode(assertion, options={"verify_signature": False})
            header = jwt.get_unverified_header(assertion)
        except (jwt.PyJWTError, ValueError):
            raise InvalidClient from None
        client_id = unverified.get("sub")
        if not isinstance(client_id, str) or form.get("client_id", client_id) != client_id:
            raise InvalidClient
        client = await self._active(client_id)
        if client is None or client["authentication"] != "private_key_jwt":
            raise InvalidClient
        claims = self._verify(assertion, header, client)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        until = expires + 2 * self._policy.clock_skew
        if not await self._replay.first_use("assertion", client_id, claims["jti"], until):
            raise InvalidClient
        return client

    def _verify(self, assertion: str, header: Mapping[str, Any], client: ClientDocument) -> dict[str, Any]:
        issuer = self._policy.issuer
        if header.get("typ", "JWT").lower() not in ("jwt", "client-authentication+jwt"):
            raise InvalidClient
        for jwk in client["jwks"].get("keys", []):
            algorithm = _KEY_ALGORITHMS.get((jwk.get("kty"), jwk.get("crv")))
            if algorithm is None or header.get("kid", jwk.get("kid")) != jwk.get("kid", header.get("kid")):
                continue
            try:
                claims: dict[str, Any] = jwt.decode(
                    assertion,
                    jwt.PyJWK(jwk, algorithm=algorithm),
                    algorithms=[algorithm],
                    audience=[issuer, f"{issuer}/token"],
                    issuer=client["_id"],
                    options={
                        "require": ["iss", "sub", "aud", "exp", "jti"],
                        "verify_exp": False,
                        "verify_iat": False,
                        "verify_nbf": False,
                    },
                )
            except (jwt.PyJWTError, ValueError):
                continue
            if self._in_time(claims) and isinstance(claims["jti"], str) and 0 < len(claims["jti"]) <= 256:
                return claims
        raise InvalidClient

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        """Our clock, not PyJWT's, so that tests can move it; a till's clock may be a minute off."""
        now = self._clock.now().timestamp()
        skew = self._policy.clock_skew.total_seconds()
        expires, issued, not_before = claims["exp"], claims.get("iat", now), claims.get("nbf", now)
        if not all(isinstance(value, int | float) for value in (expires, issued, not_before)):
            return False
        latest = now + _LONGEST_ASSERTION.total_seconds() + skew
        return bool(now - skew < expires <= latest and issued <= now + skew and not_before <= now + skew)


def _basic(authorization: str) -> tuple[str, str]:
    try:
        decoded = b64decode(authorization[6:].strip(), validate=True).decode()
        client_id, secret = decoded.split(":", 1)
    except ValueError:
        raise InvalidClient(basic=True) from None
    return unquote_plus(client_id), unquote_plus(secret)
