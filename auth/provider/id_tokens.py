"""ID tokens and logout tokens: RS256, which every OpenID client can read."""

import hashlib
import secrets
from typing import Any, Final

import jwt

from app.core import base64url
from app.core.clock import Clock
from auth.grants.models import GrantDocument
from auth.keys.service import KeyService
from auth.policy import AuthPolicy

_AMR: Final = {"email": ["otp"], "passkey": ["hwk", "user"], "federated": ["fed"], "transfer": ["fed"]}
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


class IdTokens:
    """Issues ID and logout tokens, and reads ID tokens that come back as hints."""

    def __init__(self, keys: KeyService, clock: Clock, policy: AuthPolicy) -> None:
        self._keys = keys
        self._clock = clock
        self._policy = policy

    async def issue(self, grant: GrantDocument, access_token: str, *, nonce: str | None) -> str:
        """The ID token of a grant (OpenID Connect Core section 2); `sid` names the grant."""
        now = int(self._clock.now().timestamp())
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self._policy.issuer,
            "sub": grant["identity_id"],
            "aud": grant["client_id"],
            "azp": grant["client_id"],
            "iat": now,
            "exp": now + int(self._policy.id_token.total_seconds()),
            "auth_time": int(grant["auth_time"].timestamp()),
            "acr": str(grant["level"]),
            "amr": _AMR[grant["method"]],
            "sid": grant["_id"],
            "at_hash": base64url.encode(digest),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return await self._keys.sign("RS256", "JWT", claims)

    async def logout_token(self, *, client_id: str, subject: str, sid: str) -> str:
        """A logout token (OpenID Connect Back-Channel Logout section 2.4)."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._policy.issuer,
            "sub": subject,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "sid": sid,
            "events": {LOGOUT_EVENT: {}},
        }
        return await self._keys.sign("RS256", "logout+jwt", claims)

    async def read_hint(self, token: str) -> dict[str, Any] | None:
        """The claims of an ID token of ours, expired or not; None for anything else."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != "JWT" or header.get("alg") != "RS256":
                return None
            verifier = await self._keys.verifier(header.get("kid"), "RS256")
            if verifier is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                verifier,
                algorithms=["RS256"],
                issuer=self._policy.issuer,
                options={
                    "require": ["iss", "sub", "aud", "iat", "sid"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError):
            return None
        return claims if isinstance(claims["aud"], str) else None
