"""Making, refreshing and revoking grants.

Rotation forgives an honest retry: tabs race and mobile answers get lost, so the token before the current one, shown
again within 30 seconds, gets the same successor. Anything older is a copy, and ends the grant (RFC 9700 section 4.14).
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core import base64url
from app.core.clock import Clock
from app.core.ids import new_id
from auth.clients.models import ClientDocument
from auth.errors import InvalidGrant
from auth.events.service import SecurityEvents
from auth.grants.models import GrantDocument
from auth.grants.repository import GrantRepository
from auth.policy import AuthPolicy
from auth.sessions.errors import UnknownSession
from auth.web import Peer

_KEY_ID = "1"
_KEPT_AFTER_END = timedelta(days=90)

RevokedHook = Callable[[Sequence[GrantDocument]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Authentication:
    """How and when somebody proved who they are, as a grant and its tokens repeat it."""

    identity_id: str
    session_id: str | None
    member_id: str | None
    method: str
    level: int
    auth_time: datetime


class GrantService:
    """Grants and their refresh tokens. Hooks are told of every revocation."""

    def __init__(
        self, repository: GrantRepository, events: SecurityEvents, clock: Clock, policy: AuthPolicy, key: bytes
    ) -> None:
        self._repository = repository
        self._events = events
        self._clock = clock
        self._policy = policy
        self._key = key
        self._revoked_hooks: list[RevokedHook] = []

    def on_revoke(self, hook: RevokedHook) -> None:
        """Call the hook with the grants that were just revoked, every time."""
        self._revoked_hooks.append(hook)

    async def make(
        self,
        client: ClientDocument,
        who: Authentication,
        scopes: Sequence[str],
        peer: Peer,
        *,
        grant_id: str | None = None,
        nonce: str | None = None,
        jkt: str | None = None,
    ) -> GrantDocument:
        """Store a new grant of a client for somebody who just signed in."""
        now = self._clock.now()
        expires = now + timedelta(seconds=client["refresh_absolute"])
        grant: GrantDocument = {
            "_id": grant_id or new_id("fam"),
            "client_id": client["_id"],
            "client_name": client["name"],
            "identity_id": who.identity_id,
            "member_id": who.member_id,
            "session_id": who.session_id,
            "session_bound": client["session_bound"],
            "audience": client["audience"],
            "scopes": list(scopes),
            "level": who.level,
            "method": who.method,
            "auth_time": who.auth_time,
            "nonce": nonce,
            "jkt": jkt,
            "n": 0,
            "salt": secrets.token_hex(16),
            "rotated_at": now,
            "device": peer.device,
            "ip_prefix": peer.ip_prefix,
            "created_at": now,
            "last_seen_at": now,
            "idle_seconds": client["refresh_idle"],
            "idle_until": now + timedelta(seconds=client["refresh_idle"]),
            "expires_at": expires,
            "revoked_at": None,
            "revoked_reason": None,
            "purge_at": expires + _KEPT_AFTER_END,
        }
        await self._repository.add(grant)
        return grant

    async def live(self, grant_id: str) -> GrantDocument | None:
        """The grant while it is neither revoked nor expired; one indexed read."""
        grant = await self._repository.check(grant_id)
        now = self._clock.now()
        if grant is None or grant["revoked_at"] is not None or grant["expires_at"] <= now or grant["idle_until"] <= now:
            return None
        if now - grant["last_seen_at"] >= self._policy.touch_every:
            await self._repository.touch(grant_id, now)
        return grant

    async def of_identity(self, identity_id: str) -> list[GrantDocument]:
        """The live grants of an identity, the last seen first."""
        return await self._repository.of_identity(identity_id, self._clock.now())

    def refresh_token(self, grant: GrantDocument) -> str:
        """The current refresh token of a grant."""
        return self._token(grant, grant["n"])

    async def refresh(self, token: str, client_id: str, jkt: str | None, peer: Peer) -> GrantDocument:
        """Rotate; returns the grant whose current refresh token is the successor. Raises InvalidGrant."""
        grant, presented = await self._read(token)
        if grant is None or grant["client_id"] != client_id:
            raise InvalidGrant
        if grant["jkt"] is not None and grant["jkt"] != jkt:
            raise InvalidGrant("the refresh token is bound to another key")
        now = self._clock.now()
        idle_until = now + timedelta(seconds=grant["idle_seconds"])
        rotated = await self._repository.rotate(grant["_id"], presented, now, idle_until)
        if rotated is not None:
            return rotated
        current = await self._repository.by_id(grant["_id"])
        if current is None or current["revoked_at"] is not None:
            raise InvalidGrant
        if current["expires_at"] <= now or current["idle_until"] <= now:
            raise InvalidGrant
        if presented == current["n"] - 1 and now - current["rotated_at"] <= self._policy.refresh_grace:
            return current
        await self.revoke({"_id": grant["_id"]}, "refresh_reuse")
        await self._events.record(
            grant["identity_id"], "refresh_reuse", actor=f"client:{client_id}", peer=peer, client=grant["client_name"]
        )
        raise InvalidGrant

    async def of_refresh_token(self, token: str) -> GrantDocument | None:
        """The grant of a genuine refresh token, whatever its counter; None for anything else."""
        return (await self._read(token))[0]

    async def is_current(self, token: str) -> GrantDocument | None:
        """The live grant whose current refresh token this is."""
        grant, presented = await self._read(token)
        return await self.live(grant["_id"]) if grant is not None and grant["n"] == presented else None

    async def revoke(self, query: dict[str, Any], reason: str) -> int:
        """Revoke the matching grants; returns how many."""
        revoked = await self._repository.revoke(query, reason, self._clock.now())
        if revoked:
            for hook in self._revoked_hooks:
                await hook(revoked)
        return len(revoked)

    async def end(self, identity_id: str, grant_id: str, *, peer: Peer | None = None) -> None:
        """End one grant of an identity; raises UnknownSession."""
        found = await self._repository.by_id(grant_id)
        mine = {"_id": grant_id, "identity_id": identity_id, "revoked_at": None}
        if found is None or not await self.revoke(mine, "ended_by_owner"):
            raise UnknownSession
        await self._events.record(identity_id, "app_disconnected", peer=peer, client=found["client_name"])

    async def revoke_of_sessions(self, session_ids: Sequence[str]) -> None:
        """Revoke what is bound to these browser sessions."""
        await self.revoke({"session_id": {"$in": list(session_ids)}, "session_bound": True}, "session_ended")

    async def set_member(self, identity_id: str, member_id: str | None) -> None:
        """Copy which member an identity is."""
        await self._repository.update_identity(identity_id, {"member_id": member_id})

    async def _read(self, token: str) -> tuple[GrantDocument | None, int]:
        parts = token.split(".")
        if (
            len(parts) != 4
            or parts[0] != _KEY_ID
            or not parts[2].isascii()
            or not parts[2].isdigit()
            or len(parts[2]) > 9
        ):
            return None, 0
        grant = await self._repository.by_id(parts[1])
        presented = int(parts[2])
        genuine = grant is not None and hmac.compare_digest(self._token(grant, presented).encode(), token.encode())
        return (grant, presented) if genuine else (None, 0)

    def _token(self, grant: GrantDocument, n: int) -> str:
        message = f"{grant['_id']}\0{n}\0{grant['salt']}".encode()
        mac = base64url.encode(hmac.digest(self._key, message, hashlib.sha256))
        return f"{_KEY_ID}.{grant['_id']}.{n}.{mac}"
