"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.clients.service import ClientService
from auth.errors import OAuthRefused
from auth.grants.service import GrantService
from auth.interactions.service import Interactions
from auth.pages.rendering import Pages
from auth.provider.id_tokens import IdTokens
from auth.sessions.models import SessionDocument
from auth.sessions.service import SessionService
from auth.signin.browser import BrowserSessions
from auth.web import parse_parameters, peer_of, read_form


class LogoutEndpoint:
    """Signs a browser out at a client's request; asks the person when the request proves nothing."""

    def __init__(
        self,
        *,
        clients: ClientService,
        grants: GrantService,
        sessions: SessionService,
        interactions: Interactions,
        browser: BrowserSessions,
        id_tokens: IdTokens,
        pages: Pages,
    ) -> None:
        self._clients = clients
        self._grants = grants
        self._sessions = sessions
        self._interactions = interactions
        self._browser = browser
        self._id_tokens = id_tokens
        self._pages = pages

    async def end_session(self, request: Request) -> Response:
        """`GET` and `POST /end_session`. A cross-site POST is sent on as a GET, so that the Lax cookie comes along."""
        try:
            if request.method == "POST":
                form = await read_form(request)
                if "tx" in form:
                    return await self._confirmed(request, form)
                return RedirectResponse(f"/end_session?{urlencode(form)}", 303)
            parameters = parse_parameters(request.url.query)
        except OAuthRefused as error:
            return self._pages.error(request, "error.request", error.message)
        hint = None
        if "id_token_hint" in parameters:
            hint = await self._id_tokens.read_hint(parameters["id_token_hint"])
            if hint is None or parameters.get("client_id", hint["aud"]) != hint["aud"]:
                return self._pages.error(request, "error.hint", "id_token_hint is not valid")
        target = await self._target(parameters, hint)
        if target is None and "post_logout_redirect_uri" in parameters:
            return self._pages.error(request, "error.redirect", "post_logout_redirect_uri is not registered")
        session = await self._browser.current(request)
        if session is None and hint is None:
            return self._leave(request, target)
        if hint is not None and (session is None or session["identity_id"] == hint["sub"]):
            await self._grants.revoke({"_id": hint["sid"], "identity_id": hint["sub"]}, "signed_out")
            if session is not None:
                await self._sessions.end_session(session, peer=peer_of(request))
            return self._leave(request, target)
        return await self._ask(request, session, target)

    async def _target(self, parameters: Mapping[str, str], hint: Mapping[str, Any] | None) -> str | None:
        """Where to go afterwards, `state` included; None unless the client registered exactly that address."""
        uri = parameters.get("post_logout_redirect_uri")
        client_id = hint["aud"] if hint else parameters.get("client_id")
        client = await self._clients.by_id(client_id) if uri and client_id else None
        if uri is None or client is None or uri not in client["post_logout_redirect_uris"]:
            return None
        state = parameters.get("state")
        if state is None:
            return uri
        return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode({'state': state})}"

    async def _ask(self, request: Request, session: SessionDocument | None, target: str | None) -> Response:
        begun = await self._interactions.begin(request, session, return_to=target or "")
        token = self._interactions.form_token(begun.interaction)
        response = self._pages.render(
            request, "confirm_sign_out.html", tx=begun.interaction["_id"], token=token, then=target and [target]
        )
        self._interactions.bind(response, begun)
        return response

    async def _confirmed(self, request: Request, form: Mapping[str, str]) -> Response:
        self._browser.guard(request)
        interaction = await self._interactions.find(request, form["tx"])
        if interaction is None or not self._interactions.is_form_of(interaction, form.get("token")):
            return self._pages.expired(request)
        await self._interactions.end(interaction)
        session = await self._browser.current(request)
        if session is not None:
            await self._sessions.end_session(session, peer=peer_of(request))
        return self._leave(request, interaction["return_to"] or None)

    def _leave(self, request: Request, target: str | None) -> Response:
        response: Response
        if target is None:
            response = self._pages.render(request, "signed_out.html")
        else:
            response = Response(status_code=303, headers={"Location": target, "Cache-Control": "no-store"})
        self._browser.take(response)
        return response
