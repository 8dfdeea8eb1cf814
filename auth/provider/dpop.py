"""Proof of possession (RFC 9449): a token that only the holder of a key can use."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from starlette.requests import HTTPConnection

from app.core import base64url
from app.core.clock import Clock
from auth.errors import OAuthRefused
from auth.keys.service import thumbprint
from auth.policy import AuthPolicy
from auth.replay.repository import ReplayGuard

_ALGORITHMS: Final[dict[tuple[object, object], str]] = {
    ("EC", "P-256"): "ES256",
    ("RSA", None): "RS256",
    ("OKP", "Ed25519"): "EdDSA",
}
ALGORITHM_NAMES: Final = sorted(_ALGORITHMS.values())
_PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "k"}


class DPoPProofs:
    """Verifies DPoP proofs; each counts once."""

    def __init__(self, replay: ReplayGuard, clock: Clock, policy: AuthPolicy) -> None:
        self._replay = replay
        self._clock = clock
        self._policy = policy

    async def thumbprint_of(self, connection: HTTPConnection, access_token: str | None = None) -> str | None:
        """The thumbprint of the key that the request proves, None without a proof; raises `invalid_dpop_proof`.

        At a resource, `access_token` is the token that the proof must name.
        """
        proofs = connection.headers.getlist("dpop")
        if not proofs:
            return None
        if len(proofs) > 1 or len(proofs[0]) > 4096:
            raise _invalid()
        claims, jkt = self._verify(proofs[0])
        method = connection.scope.get("method", "GET")
        uri = self._policy.issuer + connection.scope["path"]
        issued = claims["iat"]
        now = self._clock.now().timestamp()
        skew = self._policy.clock_skew.total_seconds()
        if claims["htm"] != method or str(claims["htu"]).split("?")[0].split("#")[0] != uri:
            raise _invalid()
        if not isinstance(issued, int | float) or abs(now - issued) > skew:
            raise _invalid()
        if access_token is not None and claims.get("ath") != _digest(access_token):
            raise _invalid()
        until = datetime.fromtimestamp(issued + 2 * skew, UTC)
        if not await self._replay.first_use("dpop", jkt, str(claims["jti"]), until):
            raise _invalid()
        return jkt

    def _verify(self, proof: str) -> tuple[dict[str, Any], str]:
        try:
            header = jwt.get_unverified_header(proof)
            jwk = header.get("jwk")
            if header.get("typ") != "dpop+jwt" or not isinstance(jwk, dict) or _PRIVATE & set(jwk):
                raise _invalid()
            algorithm = _ALGORITHMS.get((jwk.get("kty"), jwk.get("crv")))
            if algorithm is None or header.get("alg") != algorithm:
                raise _invalid()
            claims: dict[str, Any] = jwt.decode(
                proof,
                jwt.PyJWK(jwk, algorithm=algorithm),
                algorithms=[algorithm],
                options={
                    "require": ["jti", "htm", "htu", "iat"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            return claims, thumbprint(jwk)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError):
            raise _invalid() from None


def _digest(token: str) -> str:
    return base64url.encode(hashlib.sha256(token.encode()).digest())


def _invalid() -> OAuthRefused:
    return OAuthRefused("invalid_dpop_proof", "the DPoP proof is not valid")
