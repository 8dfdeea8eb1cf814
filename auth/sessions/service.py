"""Opening, finding, renewing and ending the sessions of browsers."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.clock import Clock
from app.core.ids import new_id
from auth.events.service import SecurityEvents
from auth.identities.models import IdentityDocument
from auth.policy import AuthPolicy
from auth.sessions.cookie import digest
from auth.sessions.errors import UnknownSession
from auth.sessions.models import CheckedSession, SessionDocument, SignInMethod, Upstream
from auth.sessions.repository import SessionRepository
from auth.web import Peer

LEVELS: dict[SignInMethod, int] = {"email": 2, "federated": 2, "passkey": 3, "transfer": 1}
_LONGEST_VALUE = 64
_KEPT_AFTER_END = timedelta(days=30)

EndedHook = Callable[[Sequence[SessionDocument]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the cookie value that opens it; the value exists nowhere else."""

    session: SessionDocument
    value: str


def level_at(session: CheckedSession, now: datetime, fresh: timedelta) -> int:
    """The `acr` of a session now: 1 a session, 2 a fresh code or outside sign-in, 3 a fresh passkey."""
    return session["level"] if now - session["auth_time"] <= fresh else 1


class SessionService:
    """The sessions of browsers. Hooks are told of every end, so that what hangs on a session ends with it."""

    def __init__(self, repository: SessionRepository, events: SecurityEvents, clock: Clock, policy: AuthPolicy) -> None:
        self._repository = repository
        self._events = events
        self._clock = clock
        self._policy = policy
        self._ended_hooks: list[EndedHook] = []

    def on_end(self, hook: EndedHook) -> None:
        """Call the hook with the sessions that just ended, every time."""
        self._ended_hooks.append(hook)

    async def open(
        self,
        identity: IdentityDocument,
        method: SignInMethod,
        peer: Peer,
        *,
        email: str | None = None,
        previous: SessionDocument | None = None,
        upstream: Upstream | None = None,
        parent: str | None = None,
    ) -> Opened:
        """Sign a browser in.

        `previous` is the session that the browser has already: of the same person it is renewed under a new secret,
        of another person it ends, as a browser holds one person's session at a time.
        """
        now = self._clock.now()
        proof: dict[str, Any] = {"method": method, "level": LEVELS[method], "auth_time": now, "last_seen_at": now}
        if previous is not None and previous["identity_id"] == identity["_id"] and parent is None:
            renewed = await self._renew(previous, proof | ({"upstream": upstream} if upstream else {}))
            if renewed is not None:
                await self._events.record(identity["_id"], "stepped_up", peer=peer, method=method)
                return renewed
        elif previous is not None:
            await self.end_session(previous, "signed_out", peer=peer)
        value = secrets.token_urlsafe(32)
        idle, absolute = self._lifetime(identity, parent)
        session: SessionDocument = {
            "_id": new_id("ses"),
            "secret": digest(value),
            "identity_id": identity["_id"],
            "roles": identity["roles"],
            "member_id": None,
            "email": email,
            "name": identity["name"],
            "method": method,
            "level": LEVELS[method],
            "auth_time": now,
            "created_at": now,
            "last_seen_at": now,
            "idle_until": now + idle,
            "expires_at": now + absolute,
            "ended_at": None,
            "device": peer.device,
            "ip_prefix": peer.ip_prefix,
            "parent": parent,
            "upstream": upstream,
            "purge_at": now + absolute + _KEPT_AFTER_END,
        }
        await self._repository.add(session)
        await self._events.record(identity["_id"], "signed_in", peer=peer, method=method)
        return Opened(session, value)

    async def step_up(self, session: SessionDocument, method: SignInMethod, peer: Peer) -> Opened | None:
        """Renew a session after a fresh proof; None when it ended meanwhile."""
        proof = {"method": method, "level": LEVELS[method], "auth_time": self._clock.now()}
        renewed = await self._renew(session, proof)
        if renewed is not None:
            await self._events.record(session["identity_id"], "stepped_up", peer=peer, method=method)
        return renewed

    async def find(self, value: str | None) -> SessionDocument | None:
        """The open session of a cookie value; notes at most every few minutes that it was seen."""
        if not value or len(value) > _LONGEST_VALUE:
            return None
        now = self._clock.now()
        session = await self._repository.by_secret(digest(value), now)
        if session is not None:
            await self._seen(session, now)
        return session

    async def check(self, value: str) -> CheckedSession | None:
        """As `find`, for every request that comes with a cookie: only what it has to know."""
        if len(value) > _LONGEST_VALUE:
            return None
        session = await self._repository.check(digest(value))
        now = self._clock.now()
        if (
            session is None
            or session["ended_at"] is not None
            or min(session["idle_until"], session["expires_at"]) <= now
        ):
            return None
        await self._seen(session, now)
        return session

    async def was_ended(self, value: str | None) -> bool:
        """Whether somebody ended the session of a cookie value; one that merely ran out was not."""
        if not value or len(value) > _LONGEST_VALUE:
            return False
        session = await self._repository.check(digest(value))
        return session is not None and session["ended_at"] is not None

    async def open_by_id(self, session_id: str) -> SessionDocument | None:
        """An open session by its id."""
        return await self._repository.by_id(session_id, self._clock.now())

    async def open_of(self, identity_id: str) -> list[SessionDocument]:
        """The open sessions of an identity, the last seen first."""
        return await self._repository.of_identity(identity_id, self._clock.now())

    async def last_seen(self, identity_ids: list[str]) -> dict[str, datetime]:
        """When each identity was last seen; those never seen are missing."""
        return await self._repository.last_seen(identity_ids)

    async def end(
        self, identity_id: str, session_id: str, *, actor: str | None = None, peer: Peer | None = None
    ) -> None:
        """End one session of an identity; raises UnknownSession."""
        if not await self._end({"_id": session_id, "identity_id": identity_id}):
            raise UnknownSession
        await self._events.record(identity_id, "session_ended", actor=actor, peer=peer)

    async def end_session(self, session: SessionDocument, event: str = "signed_out", peer: Peer | None = None) -> None:
        """End a session that is at hand."""
        if await self._end({"_id": session["_id"]}):
            await self._events.record(session["identity_id"], event, peer=peer)

    async def end_all(
        self, identity_id: str, *, keep: str | None = None, actor: str | None = None, peer: Peer | None = None
    ) -> int:
        """End every session of an identity but the one to keep; returns how many ended."""
        query: dict[str, Any] = {"identity_id": identity_id}
        if keep is not None:
            query["_id"] = {"$ne": keep}
        ended = await self._end(query)
        if ended:
            await self._events.record(identity_id, "sessions_ended", actor=actor, peer=peer)
        return len(ended)

    async def end_children(self, parents: Sequence[str]) -> None:
        """End the sessions that were opened from these grants."""
        await self._end({"parent": {"$in": list(parents)}})

    async def end_upstream(self, issuer: str, *, sid: str | None, subject: str | None) -> int:
        """End the sessions that an outside provider ended (OpenID back-channel logout, sections 2.6 and 2.7)."""
        query: dict[str, Any] = {"upstream.issuer": issuer}
        if sid is not None:
            query["upstream.sid"] = sid
        if subject is not None:
            query["upstream.subject"] = subject
        ended = await self._end(query)
        for session in ended:
            await self._events.record(session["identity_id"], "session_ended", actor=f"provider:{issuer}")
        return len(ended)

    async def set_roles(self, identity_id: str, roles: Sequence[str]) -> None:
        """Copy changed roles into the open sessions, where the next request reads them."""
        await self._repository.update_identity(identity_id, {"roles": [*roles]})

    async def set_member(self, identity_id: str, member_id: str | None) -> None:
        """Copy which member an identity is, after it joined, was merged or left."""
        await self._repository.update_identity(identity_id, {"member_id": member_id})

    async def set_email(self, identity_id: str, email: str | None) -> None:
        """Copy a changed address."""
        await self._repository.update_identity(identity_id, {"email": email})

    async def _seen(self, session: CheckedSession, now: datetime) -> None:
        if now - session["last_seen_at"] >= self._policy.touch_every:
            idle = self._policy.staff_idle if session["roles"] else self._policy.session_idle
            await self._repository.touch(session["_id"], {"last_seen_at": now, "idle_until": now + idle})

    async def _renew(self, session: SessionDocument, changes: dict[str, Any]) -> Opened | None:
        value = secrets.token_urlsafe(32)
        renewed = await self._repository.renew(session["_id"], session["secret"], {**changes, "secret": digest(value)})
        return None if renewed is None else Opened(renewed, value)

    async def _end(self, query: dict[str, Any]) -> Sequence[SessionDocument]:
        ended = await self._repository.end(query, self._clock.now())
        if ended:
            for hook in self._ended_hooks:
                await hook(ended)
        return ended

    def _lifetime(self, identity: IdentityDocument, parent: str | None) -> tuple[timedelta, timedelta]:
        policy = self._policy
        if parent is not None:
            return policy.transferred_absolute, policy.transferred_absolute
        if not identity["roles"]:
            return policy.session_idle, policy.session_absolute
        absolute = policy.admin_absolute if "admin" in identity["roles"] else policy.staff_absolute
        return min(policy.staff_idle, absolute), absolute
