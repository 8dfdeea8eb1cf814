"""`/login/idp/{id}`, its callback, and the provider's back-channel."""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.errors import DomainError
from auth.access import Authenticator
from auth.clients.redirects import local_path
from auth.errors import OAuthRefused
from auth.federation.client import OutsideFailed
from auth.federation.service import Arrival, Departure, FederationService
from auth.interactions.models import PendingLink
from auth.interactions.service import Interactions
from auth.pages.rendering import Pages
from auth.policy import AuthPolicy
from auth.sessions.models import Upstream
from auth.signin.browser import BrowserSessions
from auth.signin.notices import Notices
from auth.signin.proofs import SignIn
from auth.web import json_answer, parse_parameters, peer_of, read_form


def upstream_of(pending: PendingLink) -> Upstream:
    """The outside session behind ours."""
    return {"issuer": pending["issuer"], "subject": pending["subject"], "sid": pending["sid"]}


class FederationEndpoints:
    """Leaving for an outside provider and coming back."""

    def __init__(
        self,
        *,
        federation: FederationService,
        interactions: Interactions,
        sign_in: SignIn,
        browser: BrowserSessions,
        authenticator: Authenticator,
        notices: Notices,
        pages: Pages,
        policy: AuthPolicy,
    ) -> None:
        self._federation = federation
        self._interactions = interactions
        self._sign_in = sign_in
        self._browser = browser
        self._authenticator = authenticator
        self._notices = notices
        self._pages = pages
        self._policy = policy

    async def depart(self, request: Request) -> Response:
        """`GET /login/idp/{id}[?return_to=/…|?tx=…]`: from anywhere on our site, or from the sign-in page.

        A link and not a form: browsers hold a page's `form-action` against the redirect that follows, and where a
        provider's own pages are, only its metadata says.
        """
        interaction_id = None
        if "tx" in request.query_params:
            interaction = await self._interactions.find(request, request.query_params["tx"])
            if interaction is None:
                return self._pages.expired(request)
            interaction_id = interaction["_id"]
        try:
            departure = await self._federation.depart(
                request.path_params["provider"],
                interaction_id=interaction_id,
                return_to=local_path(request.query_params.get("return_to")),
            )
        except OutsideFailed as error:
            return self._pages.error(request, "error.provider", str(error))
        return self._leave(departure)

    async def link(self, request: Request) -> Response:
        """`POST /link/idp/{id}`: connects an outside account to the signed-in one, after a fresh proof."""
        session = await self._browser.signed_in(request)
        await self._authenticator.require_proof(await self._authenticator.access(request))
        try:
            departure = await self._federation.depart(
                request.path_params["provider"],
                link_to=session["identity_id"],
                return_to=local_path(request.query_params.get("return_to")),
            )
        except OutsideFailed as error:
            return self._pages.error(request, "error.provider", str(error))
        response = json_answer({"location": departure.url})
        self._bind(response, departure)
        return response

    async def arrive(self, request: Request) -> Response:
        """`GET` and `POST /login/idp/{id}/callback`."""
        try:
            posted = request.method == "POST"
            answer = await read_form(request) if posted else parse_parameters(request.url.query)
            cookie = self._cookie(answer.get("state", ""))
            binding = request.cookies.get(cookie, "")
            arrival = await self._federation.arrive(request.path_params["provider"], answer, binding, peer_of(request))
        except (OutsideFailed, OAuthRefused, DomainError) as error:
            return self._pages.error(request, "error.provider", str(error))
        response = await self._arrived(request, arrival)
        response.delete_cookie(cookie, path="/", secure=self._policy.secure_cookies, httponly=True)
        return response

    async def end(self, request: Request) -> Response:
        """`POST /idp/{id}/backchannel`: the provider ended a session of its own."""
        try:
            form = await read_form(request)
            await self._federation.end(request.path_params["provider"], form.get("logout_token", ""))
        except OutsideFailed as error:
            raise OAuthRefused("invalid_request", str(error)) from None
        return json_answer({})

    async def _arrived(self, request: Request, arrival: Arrival) -> Response:
        attempt, identity = arrival.attempt, arrival.identity
        if identity is None:
            return await self._ask_for_proof(request, arrival)
        if attempt["link_to"] is not None:
            session = await self._browser.current(request)
            if session is None or session["identity_id"] != attempt["link_to"]:
                return self._pages.error(request, "error.provider", "somebody else is signed in now")
            await self._notices.method_added(identity["_id"], arrival.pending["label"])
            return RedirectResponse(attempt["return_to"], 303)
        opened = await self._sign_in.open(
            request, identity, "federated", email=arrival.email, upstream=upstream_of(arrival.pending)
        )
        response = RedirectResponse(self._next(attempt), 303)
        self._browser.give(response, opened)
        return response

    async def _ask_for_proof(self, request: Request, arrival: Arrival) -> Response:
        """On to the sign-in page, where a code proves an address; the outside account is linked to whoever that is."""
        interaction_id = arrival.attempt["interaction_id"]
        interaction = await self._interactions.find(request, interaction_id)
        response: Response
        if interaction is not None:
            await self._interactions.update(interaction, pending=arrival.pending)
            return RedirectResponse(f"/login?tx={interaction['_id']}", 303)
        session = await self._browser.current(request)
        begun = await self._interactions.begin(
            request, session, return_to=arrival.attempt["return_to"], pending=arrival.pending
        )
        response = RedirectResponse(f"/login?tx={begun.interaction['_id']}", 303)
        self._interactions.bind(response, begun)
        return response

    def _next(self, attempt: Mapping[str, Any]) -> str:
        if attempt["interaction_id"] is not None:
            return f"/login?tx={attempt['interaction_id']}"
        return str(attempt["return_to"])

    def _leave(self, departure: Departure) -> Response:
        response = Response(status_code=303, headers={"Location": departure.url, "Cache-Control": "no-store"})
        self._bind(response, departure)
        return response

    def _bind(self, response: Response, departure: Departure) -> None:
        # A provider that answers by a cross-site POST brings this one cookie only if it is SameSite=None.
        response.set_cookie(
            self._cookie(departure.state),
            departure.binding,
            max_age=600,
            path="/",
            secure=self._policy.secure_cookies,
            httponly=True,
            samesite="none" if departure.cross_site_post and self._policy.secure_cookies else "lax",
        )

    def _cookie(self, state: str) -> str:
        prefix = "__Host-idp-" if self._policy.secure_cookies else "idp-"
        return prefix + hashlib.sha256(state.encode()).hexdigest()[:12]
