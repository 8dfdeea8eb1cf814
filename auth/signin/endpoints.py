"""The JSON endpoints of our own pages: codes, the session of this browser, pairing a till."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.limits import Limiter
from auth.access import Authenticator
from auth.codes.service import CodeService
from auth.errors import WebRefused
from auth.identities.service import IdentityService, normalise_email
from auth.policy import AuthPolicy
from auth.ports import MemberDirectory
from auth.sessions.cookie import SessionCookie
from auth.sessions.models import SessionDocument
from auth.sessions.service import Opened, SessionService
from auth.tills.service import TillPairings
from auth.web import json_answer, peer_of, read_json, refuse_cross_site, text_field

_CODE = re.compile(r"[0-9]{8}")
_WRONG_CODE = "That code is not right, or it is too old. Check the newest mail, or ask for a new code."


class BrowserSessions:
    """Gives a browser its session after any kind of proof, and finds it again."""

    def __init__(self, sessions: SessionService, cookie: SessionCookie, policy: AuthPolicy) -> None:
        self._sessions = sessions
        self._cookie = cookie
        self._policy = policy

    async def current(self, request: Request) -> SessionDocument | None:
        """The session of this browser."""
        return await self._sessions.find(request.cookies.get(self._cookie.name))

    def guard(self, request: Request) -> None:
        """Refuse what another site makes a browser send."""
        refuse_cross_site(request, self._policy.issuer, cookie=self._cookie.name)

    def give(self, response: Response, opened: Opened) -> None:
        """Set the cookie of a session that was just opened or renewed."""
        session = opened.session
        # The cookie may live as long as the session can; whether it idled out is decided at the server.
        self._cookie.set(response, opened.value, session["expires_at"], session["last_seen_at"])

    def take(self, response: Response) -> None:
        """Take the cookie away."""
        self._cookie.clear(response)


class SignInEndpoints:
    """Codes and the session of this browser."""

    def __init__(
        self,
        *,
        codes: CodeService,
        identities: IdentityService,
        sessions: SessionService,
        browser: BrowserSessions,
        authenticator: Authenticator,
        members: MemberDirectory,
    ) -> None:
        self._codes = codes
        self._identities = identities
        self._sessions = sessions
        self._browser = browser
        self._authenticator = authenticator
        self._members = members

    async def send_code(self, request: Request) -> Response:
        """`POST /login/code` {email, language?}: the same answer for everybody."""
        self._browser.guard(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        language = data.get("language")
        await self._codes.send(email, "sign-in", peer_of(request), language if isinstance(language, str) else "en")
        return json_answer({}, 202)

    async def verify_code(self, request: Request) -> Response:
        """`POST /login/code/verify` {email, code}: signs in, or signs up, and sets the cookie."""
        self._browser.guard(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        code = read_code(data)
        peer = peer_of(request)
        if not await self._codes.check(email, "sign-in", code, peer):
            raise WebRefused("wrong_code", _WRONG_CODE, field="code")
        proved = await self._identities.prove_email(email, peer)
        if proved.evicted is not None:
            await self._sessions.end_all(proved.evicted, actor="system:pre-hijack")
        identity = proved.identity
        if not identity["roles"] and await self._members.by_identity(identity["_id"]) is None:
            await self._members.adopt(identity["_id"], email)
        previous = await self._browser.current(request)
        opened = await self._sessions.open(identity, "email", peer, email=email, previous=previous)
        kind = "staff" if identity["roles"] else "member"
        response = json_answer({"kind": kind, "newIdentity": proved.new})
        self._browser.give(response, opened)
        return response

    async def session(self, request: Request) -> Response:
        """`GET /web/session`: who is signed in here."""
        access = await self._authenticator.access(request)
        session = await self._browser.current(request) if access.via == "cookie" else None
        if session is None:
            return json_answer({"signedIn": False})
        return json_answer(
            {
                "signedIn": True,
                "kind": access.kind,
                "identityId": access.subject,
                "memberId": access.member_id,
                "email": session["email"],
                "name": session["name"],
                "roles": list(access.roles),
                "scopes": sorted(access.scopes),
                "acr": access.acr,
            }
        )

    async def sign_out(self, request: Request) -> Response:
        """`DELETE /web/session`: ends this browser's session and what hangs on it."""
        self._browser.guard(request)
        session = await self._browser.current(request)
        if session is not None:
            await self._sessions.end_session(session, peer=peer_of(request))
        response = json_answer({"signedIn": False})
        self._browser.take(response)
        return response


class TillEndpoints:
    """Where a till introduces itself."""

    def __init__(self, pairings: TillPairings, limiter: Limiter, policy: AuthPolicy) -> None:
        self._pairings = pairings
        self._limiter = limiter
        self._policy = policy

    async def pair(self, request: Request) -> Response:
        """`POST /till/pair` {code, jwk, label}."""
        data = await read_json(request)
        await self._limiter.hit("pair-network:" + peer_of(request).ip_prefix, self._policy.pairings_per_network)
        code = text_field(data, "code", longest=40, message="Type the pairing code.")
        label = data.get("label", "")
        if not isinstance(label, str):
            raise WebRefused("invalid", "A label is text.", field="label")
        till = await self._pairings.pair(code, data.get("jwk"), label)
        store = {"id": till.store_id, "name": till.store_name}
        return json_answer(
            {"clientId": till.client_id, "tillId": till.client_id, "name": till.name, "store": store}, 201
        )


def read_code(data: dict[str, Any]) -> str:
    """The eight digits of a typed or pasted code; spaces and dashes inside do no harm."""
    plain = re.sub(r"[\s\u00a0-]", "", str(data.get("code", ""))[:40])
    plain = "".join(str(int(character)) if character.isdecimal() else character for character in plain)
    if not _CODE.fullmatch(plain):
        raise WebRefused("wrong_code", "Type the eight digits from the mail.", field="code")
    return plain
