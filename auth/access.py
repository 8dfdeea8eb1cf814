"""Who is calling and what they may do: one indexed read for every request.

A cookie or a token only claims; the session, grant or client that it names is read each time, so that signing out,
disabling a till or taking a role away works at the next request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from starlette.requests import HTTPConnection

from app.core.clock import Clock
from auth.clients.repository import ClientRepository
from auth.errors import AuthRefused, StepUpNeeded
from auth.grants.models import GrantDocument
from auth.grants.service import GrantService
from auth.identities.service import IdentityService
from auth.policy import AuthPolicy
from auth.ports import MemberDirectory
from auth.provider.access_tokens import AccessClaims, AccessTokens
from auth.provider.dpop import DPoPProofs
from auth.scopes import MEMBER_SCOPES, scopes_of_roles, within
from auth.sessions.cookie import SessionCookie
from auth.sessions.models import CheckedSession
from auth.sessions.service import SessionService, level_at
from auth.web import Peer, peer_of, refuse_cross_site

Kind = Literal["anonymous", "member", "till", "staff"]
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SEEN_EVERY: Final = 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """The caller of one request.

    `subject` is the identity id of a person and the client id of a till; `session_id` the browser session or grant
    behind the call; `member_id` is None for an identity that has not joined. `acr` is 1 (a session), 2 (a fresh code
    or outside sign-in) or 3 (a fresh passkey), already aged to now.
    """

    kind: Kind
    subject: str | None = None
    member_id: str | None = None
    scopes: frozenset[str] = frozenset()
    session_id: str | None = None
    till_id: str | None = None
    store_id: str | None = None
    client_id: str | None = None
    roles: tuple[str, ...] = ()
    acr: int = 0
    auth_time: datetime | None = None
    via: Literal["cookie", "bearer", "none"] = "none"
    connection: HTTPConnection | None = field(default=None, compare=False, repr=False)

    @property
    def peer(self) -> Peer | None:
        """Where the call comes from, for the record; None when that is not known."""
        return None if self.connection is None else peer_of(self.connection)

    @property
    def actor(self) -> str:
        """Who does it, as ledger entries and events name them."""
        if self.kind == "till":
            return f"till:{self.till_id}"
        if self.kind == "staff":
            return f"agent:{self.subject}"
        if self.kind == "member":
            return f"member:{self.member_id}" if self.member_id else f"identity:{self.subject}"
        return "anonymous"

    def may(self, *scopes: str) -> bool:
        """Whether the caller has every one of the scopes."""
        return self.scopes.issuperset(scopes)


ANONYMOUS: Final = Access("anonymous")


class Authenticator:
    """Turns a request into an Access."""

    def __init__(
        self,
        *,
        sessions: SessionService,
        grants: GrantService,
        clients: ClientRepository,
        identities: IdentityService,
        tokens: AccessTokens,
        proofs: DPoPProofs,
        members: MemberDirectory,
        cookie: SessionCookie,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._sessions = sessions
        self._grants = grants
        self._clients = clients
        self._identities = identities
        self._tokens = tokens
        self._proofs = proofs
        self._members = members
        self._cookie = cookie
        self._clock = clock
        self._policy = policy

    async def access(self, connection: HTTPConnection) -> Access:
        """The caller of an HTTP request or WebSocket handshake; ANONYMOUS when nothing was presented.

        A cookie counts on a state-changing request or socket only when one of our own pages sent it. Raises AuthRefused
        (401) for a token that is not good, CrossSite (403) for a cookie that another site rides on. A cookie without a
        session is anonymous, so that public fields work after signing out.
        """
        authorization = connection.headers.get("authorization")
        if authorization:
            return await self._by_token(authorization, connection)
        if self._cookie.name not in connection.cookies:
            return ANONYMOUS
        if connection.scope["type"] == "websocket" or connection.scope["method"] not in _SAFE_METHODS:
            refuse_cross_site(connection, self._policy.issuer, cookie=self._cookie.name)
        session = await self._sessions.check(connection.cookies[self._cookie.name])
        return ANONYMOUS if session is None else await self._of_session(session, connection)

    async def access_by_token(self, authorization: str) -> Access:
        """The caller behind an `Authorization` value that came another way, as in a socket's first message.

        Tokens bound to a DPoP key are refused here, as there is no request that a proof could name.
        """
        return await self._by_token(authorization, None)

    async def grant(self, authorization: str, connection: HTTPConnection) -> tuple[AccessClaims, GrantDocument]:
        """The token's claims and its live grant, for endpoints about the person; raises AuthRefused."""
        scheme, token = _split(authorization)
        claims = await self._tokens.verify(token)
        await self._check_binding(claims, scheme, token, connection)
        grant = await self._grants.live(claims.grant_id) if claims.grant_id else None
        if grant is None or grant["client_id"] != claims.client_id:
            raise AuthRefused("invalid_token", "the session of this token has ended")
        return claims, grant

    async def still(self, access: Access) -> bool:
        """Whether what the access stands on still stands; for open sockets, a few seconds apart."""
        if access.kind == "anonymous":
            return True
        if access.kind == "till":
            client = await self._clients.by_id(str(access.client_id))
            return client is not None and client["status"] == "active"
        if access.via == "cookie":
            return await self._sessions.open_by_id(str(access.session_id)) is not None
        return await self._grants.live(str(access.session_id)) is not None

    def require_level(self, access: Access, level: int) -> None:
        """Raise StepUpNeeded (RFC 9470) unless the caller proved who they are well and recently enough."""
        if access.acr < level:
            raise StepUpNeeded(level, int(self._policy.step_up_fresh.total_seconds()))

    async def require_proof(self, access: Access) -> None:
        """Raise StepUpNeeded unless the caller may change the account now: who has a passkey needs a fresh one."""
        self.require_level(access, await self._identities.level_to_change(str(access.subject)))

    async def _of_session(self, session: CheckedSession, connection: HTTPConnection) -> Access:
        roles = tuple(session["roles"])
        member_id = session["member_id"]
        if member_id is None and not roles:
            member_id = await self._member_of(session["identity_id"])
        return Access(
            kind="staff" if roles else "member",
            subject=session["identity_id"],
            member_id=None if roles else member_id,
            scopes=scopes_of_roles(roles) if roles else MEMBER_SCOPES,
            session_id=session["_id"],
            roles=roles,
            acr=level_at(session, self._clock.now(), self._policy.step_up_fresh),
            auth_time=session["auth_time"],
            via="cookie",
            connection=connection,
        )

    async def _by_token(self, authorization: str, connection: HTTPConnection | None) -> Access:
        scheme, token = _split(authorization)
        claims = await self._tokens.verify(token)
        await self._check_binding(claims, scheme, token, connection)
        scopes = within(claims.audience, claims.scopes)
        if claims.grant_id is None:
            return await self._of_machine(claims, scopes, connection)
        grant = await self._grants.live(claims.grant_id)
        if grant is None or grant["client_id"] != claims.client_id:
            raise AuthRefused("invalid_token", "the session of this token has ended")
        return await self._of_grant(grant, claims, scopes, connection)

    async def _check_binding(
        self, claims: AccessClaims, scheme: str, token: str, connection: HTTPConnection | None
    ) -> None:
        if claims.jkt is None:
            if scheme == "dpop":
                raise AuthRefused("invalid_token", "the token is not bound to a key")
            return
        refused = AuthRefused(
            "invalid_token", "the token is bound to a key that this request does not prove", scheme="DPoP"
        )
        if scheme != "dpop" or connection is None:
            raise refused
        if await self._proofs.thumbprint_of(connection, token) != claims.jkt:
            raise refused

    async def _of_grant(
        self, grant: GrantDocument, claims: AccessClaims, scopes: frozenset[str], connection: HTTPConnection | None
    ) -> Access:
        member_id = grant["member_id"] or await self._member_of(grant["identity_id"])
        auth_time = None if claims.auth_time is None else datetime.fromtimestamp(claims.auth_time, UTC)
        fresh = auth_time is not None and self._clock.now() - auth_time <= self._policy.step_up_fresh
        return Access(
            kind="member",
            subject=grant["identity_id"],
            member_id=member_id,
            scopes=scopes,
            session_id=grant["_id"],
            client_id=grant["client_id"],
            acr=claims.level if fresh else 1,
            auth_time=auth_time,
            via="bearer",
            connection=connection,
        )

    async def _of_machine(
        self, claims: AccessClaims, scopes: frozenset[str], connection: HTTPConnection | None
    ) -> Access:
        client = await self._clients.by_id(claims.client_id)
        if client is None or client["status"] != "active":
            raise AuthRefused("invalid_token", "the client of this token is disabled")
        now = self._clock.now()
        seen = client.get("last_seen_at")
        if seen is None or abs((now - seen).total_seconds()) > _SEEN_EVERY:
            await self._clients.touch(client["_id"], now)
        is_till = client["kind"] == "till"
        return Access(
            kind="till",
            subject=client["_id"],
            scopes=scopes & frozenset(client["scopes"]),
            till_id=client["_id"] if is_till else None,
            store_id=client.get("store_id"),
            client_id=client["_id"],
            acr=1,
            via="bearer",
            connection=connection,
        )

    async def _member_of(self, identity_id: str) -> str | None:
        """The member of an identity; remembered in its sessions and grants, so that the next request is one read."""
        member: Mapping[str, Any] | None = await self._members.by_identity(identity_id)
        if member is None:
            return None
        member_id = str(member["_id"])
        await self._sessions.set_member(identity_id, member_id)
        await self._grants.set_member(identity_id, member_id)
        return member_id


def _split(authorization: str) -> tuple[str, str]:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not token.strip():
        raise AuthRefused("invalid_token", "send a Bearer or DPoP token")
    return scheme.lower(), token.strip()
