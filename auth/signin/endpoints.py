"""The JSON endpoints of our own pages: codes, the session of this browser, pairing a till."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.limits import Limiter
from auth.access import Authenticator
from auth.codes.service import CodeService
from auth.errors import WebRefused
from auth.federation.models import OutsideProvider
from auth.identities.service import normalise_email
from auth.languages import choose
from auth.policy import AuthPolicy
from auth.sessions.service import SessionService
from auth.signin.browser import BrowserSessions
from auth.signin.proofs import SignIn
from auth.tills.service import TillPairings
from auth.web import json_answer, peer_of, read_json, text_field

_CODE = re.compile(r"[0-9]{8}")


class SignInEndpoints:
    """Codes and the session of this browser."""

    def __init__(
        self,
        *,
        codes: CodeService,
        sign_in: SignIn,
        sessions: SessionService,
        browser: BrowserSessions,
        authenticator: Authenticator,
        providers: Sequence[OutsideProvider],
    ) -> None:
        self._codes = codes
        self._sign_in = sign_in
        self._sessions = sessions
        self._browser = browser
        self._authenticator = authenticator
        self._providers = [{"id": provider.id, "name": provider.name} for provider in providers]

    async def send_code(self, request: Request) -> Response:
        """`POST /login/code` {email, language?}: the same answer for everybody."""
        self._browser.guard(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        await self._codes.send(email, "sign-in", peer_of(request), language_of(request, data))
        return json_answer({}, 202)

    async def verify_code(self, request: Request) -> Response:
        """`POST /login/code/verify` {email, code}: signs in, or signs up, and sets the cookie."""
        self._browser.guard(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        signed_in = await self._sign_in.by_code(request, email, read_code(data.get("code")))
        kind = "staff" if signed_in.identity["roles"] else "member"
        response = json_answer({"kind": kind, "newIdentity": signed_in.new})
        self._browser.give(response, signed_in.opened)
        return response

    async def send_step_up(self, request: Request) -> Response:
        """`POST /stepup/code` {language?}: mails a code to the signed-in person's own address."""
        session = await self._browser.signed_in(request)
        data = await read_json(request)
        if session["email"] is None:
            raise WebRefused("no_address", "There is no e-mail address to send a code to; use a passkey.")
        language = language_of(request, data)
        await self._codes.send(session["email"], "step-up", peer_of(request), language, session["identity_id"])
        return json_answer({}, 202)

    async def verify_step_up(self, request: Request) -> Response:
        """`POST /stepup/verify` {code}: raises the session's level and gives it a new cookie."""
        session = await self._browser.signed_in(request)
        code = read_code((await read_json(request)).get("code"))
        opened = await self._sign_in.step_up_by_code(session, code, peer_of(request))
        response = json_answer({"acr": opened.session["level"]})
        self._browser.give(response, opened)
        return response

    async def session(self, request: Request) -> Response:
        """`GET /web/session`: who is signed in here, and with whose accounts one may sign in besides our own."""
        access = await self._authenticator.access(request)
        session = await self._browser.current(request) if access.via == "cookie" else None
        if session is None:
            ended = await self._browser.was_ended(request)
            return json_answer({"signedIn": False, "ended": ended, "providers": self._providers})
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
                "providers": self._providers,
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
        till = await self._pairings.pair(code, data.get("jwk"), label, peer_of(request))
        store = {"id": till.store_id, "name": till.store_name}
        return json_answer(
            {"clientId": till.client_id, "tillId": till.client_id, "name": till.name, "store": store}, 201
        )


def language_of(request: Request, data: Mapping[str, Any]) -> str:
    """The language that a page asked for, else the browser's."""
    return choose(data.get("language"), request.headers.get("accept-language"))


def read_code(value: object) -> str:
    """The eight digits of a typed or pasted code; spaces and dashes inside do no harm."""
    plain = re.sub(r"[\s\u00a0-]", "", str(value)[:40])
    plain = "".join(str(int(character)) if character.isdecimal() else character for character in plain)
    if not _CODE.fullmatch(plain):
        raise WebRefused("wrong_code", "Type the eight digits from the mail.", field="code")
    return plain
