"""`/authorize`: from a client's request to a code, by way of whatever the person still has to do."""

import re
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.clock import Clock
from auth.authorizations.service import AuthorizationCodes
from auth.clients.models import ClientDocument
from auth.clients.redirects import matches
from auth.clients.service import ClientService
from auth.consents.repository import ConsentRepository
from auth.errors import OAuthRefused
from auth.interactions.models import AuthorizationRequest, InteractionDocument
from auth.interactions.service import Interactions
from auth.pages.rendering import Pages
from auth.policy import AuthPolicy
from auth.provider.id_tokens import IdTokens
from auth.scopes import IDENTITY_SCOPES
from auth.sessions.models import SessionDocument
from auth.sessions.service import level_at
from auth.signin.browser import BrowserSessions
from auth.web import parse_parameters, read_form

Need = Literal["login", "step-up", "consent"]

_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account", "create"})
_ASK_AGAIN: Final = frozenset({"login", "select_account", "create"})
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NONE_ERRORS: Final[dict[Need, str]] = {
    "login": "login_required",
    "step-up": "login_required",
    "consent": "consent_required",
}
_PAGES: Final[dict[Need, str]] = {"login": "/login", "step-up": "/stepup", "consent": "/consent"}


class AuthorizationRefused(Exception):
    """An error that goes back to the client, whose redirect URI is known to be its own (RFC 6749 section 4.1.2.1)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class AuthorizationEndpoint:
    """Decides what an authorization request still needs, and answers it when it needs nothing more."""

    def __init__(
        self,
        *,
        clients: ClientService,
        codes: AuthorizationCodes,
        consents: ConsentRepository,
        interactions: Interactions,
        browser: BrowserSessions,
        id_tokens: IdTokens,
        pages: Pages,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._clients = clients
        self._codes = codes
        self._consents = consents
        self._interactions = interactions
        self._browser = browser
        self._id_tokens = id_tokens
        self._pages = pages
        self._clock = clock
        self._policy = policy

    async def authorize(self, request: Request) -> Response:
        """`GET` and `POST /authorize`. A POST is sent on as a GET, so that the browser brings its Lax cookie."""
        try:
            if request.method == "POST":
                form = await read_form(request)
                return RedirectResponse(f"/authorize?{urlencode(form)}", 303)
            parameters = parse_parameters(request.url.query)
        except OAuthRefused as error:
            return self._pages.error(request, "error.request", error.message)
        client = await self._clients.by_id(parameters.get("client_id", ""))
        redirect_uri = parameters.get("redirect_uri", "")
        if client is None or "authorization_code" not in client["grant_types"]:
            return self._pages.error(request, "error.client", "unknown client_id")
        if not matches(client["redirect_uris"], redirect_uri):
            return self._pages.error(request, "error.redirect", "redirect_uri is not registered for this client")
        try:
            authorization = await self._parse(parameters, client)
            return await self._proceed(request, authorization, client, None)
        except AuthorizationRefused as error:
            return self._answer(redirect_uri, parameters.get("state"), _error(error))

    async def resume(self, request: Request) -> Response:
        """`GET /authorize/resume?tx=…`: on with a request after a page has done its part."""
        interaction = await self._interactions.find(request, request.query_params.get("tx"))
        if interaction is None or interaction["request"] is None:
            return self._pages.expired(request)
        authorization = interaction["request"]
        client = await self._clients.by_id(authorization["client_id"])
        if client is None:
            return self._pages.error(request, "error.client", "the client was disabled")
        try:
            return await self._proceed(request, authorization, client, interaction)
        except AuthorizationRefused as error:
            return await self.refuse(interaction, error)

    async def refuse(self, interaction: InteractionDocument, error: AuthorizationRefused) -> Response:
        """End the interaction and take the person back to the client with an error."""
        authorization = interaction["request"]
        await self._interactions.end(interaction)
        if authorization is None:
            return RedirectResponse(interaction["return_to"], 303)
        return self._answer(authorization["redirect_uri"], authorization["state"], _error(error))

    async def _parse(self, parameters: Mapping[str, str], client: ClientDocument) -> AuthorizationRequest:
        for name in ("request", "request_uri"):
            if name in parameters:
                raise AuthorizationRefused(f"{name}_not_supported", f"the parameter {name} is not supported")
        if "response_type" not in parameters:
            raise AuthorizationRefused("invalid_request", "response_type is missing")
        if parameters["response_type"] != "code":
            raise AuthorizationRefused("unsupported_response_type", "only response_type=code is supported")
        if parameters.get("response_mode", "query") != "query":
            raise AuthorizationRefused("invalid_request", "only response_mode=query is supported")
        prompt = parameters.get("prompt", "").split()
        if not _PROMPTS.issuperset(prompt) or ("none" in prompt and len(prompt) > 1):
            raise AuthorizationRefused("invalid_request", "prompt is not valid")
        return {
            "client_id": client["_id"],
            "redirect_uri": parameters["redirect_uri"],
            "scopes": sorted(set(parameters.get("scope", "").split()) & set(client["scopes"])),
            "state": parameters.get("state"),
            "nonce": parameters.get("nonce"),
            "challenge": _challenge(parameters, client),
            "prompt": prompt,
            "max_age": _max_age(parameters.get("max_age")),
            "acr": _lowest_level(parameters.get("acr_values")),
            "login_hint": parameters.get("login_hint", "").strip().lower()[:254] or None,
            "subject_hint": await self._subject_hint(parameters.get("id_token_hint")),
            "language": parameters.get("ui_locales"),
            "jkt": parameters.get("dpop_jkt"),
        }

    async def _subject_hint(self, hint: str | None) -> str | None:
        if hint is None:
            return None
        claims = await self._id_tokens.read_hint(hint)
        if claims is None:
            raise AuthorizationRefused("invalid_request", "id_token_hint is not an ID token of ours")
        return str(claims["sub"])

    async def _proceed(
        self,
        request: Request,
        authorization: AuthorizationRequest,
        client: ClientDocument,
        interaction: InteractionDocument | None,
    ) -> Response:
        session = await self._browser.current(request)
        need = await self._need(authorization, client, session, interaction)
        if need is None and session is not None:
            if interaction is not None and not await self._interactions.end(interaction):
                return self._pages.expired(request)
            code = await self._codes.issue(authorization, session)
            return self._answer(authorization["redirect_uri"], authorization["state"], {"code": code})
        needed: Need = need or "login"
        if "none" in authorization["prompt"]:
            raise AuthorizationRefused(_NONE_ERRORS[needed], "this cannot be done without showing a page")
        begun = None
        if interaction is None:
            begun = await self._interactions.begin(
                request,
                session,
                authorization=authorization,
                language=authorization["language"],
            )
            interaction = begun.interaction
        response = RedirectResponse(f"{_PAGES[needed]}?tx={interaction['_id']}", 303)
        if begun is not None:
            self._interactions.bind(response, begun)
        return response

    async def _need(
        self,
        authorization: AuthorizationRequest,
        client: ClientDocument,
        session: SessionDocument | None,
        interaction: InteractionDocument | None,
    ) -> Need | None:
        """What the person still has to do; None when the request can be answered."""
        if session is None:
            return "login"
        fresh = interaction is not None and self._interactions.is_proved(interaction, session)
        if session["roles"]:
            if fresh:
                raise AuthorizationRefused("access_denied", "staff cannot sign in to members' applications")
            return "login"
        if self._must_sign_in(authorization, session, interaction, fresh=fresh):
            return "login"
        wanted = authorization["acr"]
        level = level_at(session, self._clock.now(), self._policy.step_up_fresh)
        if wanted is not None and level < wanted and not fresh:
            return "step-up"
        if await self._needs_consent(authorization, client, session, interaction):
            return "consent"
        return None

    def _must_sign_in(
        self,
        authorization: AuthorizationRequest,
        session: SessionDocument,
        interaction: InteractionDocument | None,
        *,
        fresh: bool,
    ) -> bool:
        hinted = authorization["subject_hint"]
        if hinted is not None and hinted != session["identity_id"]:
            if fresh:
                raise AuthorizationRefused("login_required", "somebody else signed in than id_token_hint names")
            return True
        if fresh:
            return False
        max_age = authorization["max_age"]
        age = (self._clock.now() - session["auth_time"]).total_seconds()
        if max_age is not None and age > max_age:
            return True
        chosen = interaction is not None and interaction["continued"]
        prompts = _ASK_AGAIN & set(authorization["prompt"])
        if prompts - {"select_account"} or (prompts and not chosen):
            return True
        login_hint = authorization["login_hint"]
        return login_hint is not None and "@" in login_hint and login_hint != session["email"] and not chosen

    async def _needs_consent(
        self,
        authorization: AuthorizationRequest,
        client: ClientDocument,
        session: SessionDocument,
        interaction: InteractionDocument | None,
    ) -> bool:
        if interaction is not None and interaction["consented"]:
            return False
        if "consent" in authorization["prompt"]:
            return True
        if client["first_party"]:
            return False
        allowed = await self._consents.scopes(session["identity_id"], client["_id"])
        return not allowed.issuperset(authorization["scopes"])

    def _answer(self, redirect_uri: str, state: str | None, answer: Mapping[str, str]) -> Response:
        """Back to the client, always with `iss` (RFC 9207)."""
        parameters = {**answer, "iss": self._policy.issuer}
        if state is not None:
            parameters["state"] = state
        separator = "&" if urlsplit(redirect_uri).query else "?"
        location = f"{redirect_uri}{separator}{urlencode(parameters)}"
        return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _error(error: AuthorizationRefused) -> dict[str, str]:
    return {"error": error.error, "error_description": error.description}


def _challenge(parameters: Mapping[str, str], client: ClientDocument) -> str | None:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        if client["pkce"] == "required":
            raise AuthorizationRefused("invalid_request", "code_challenge is missing (PKCE is required)")
        return None
    if parameters.get("code_challenge_method") != "S256":
        raise AuthorizationRefused("invalid_request", "only code_challenge_method=S256 is supported")
    if not _CHALLENGE.fullmatch(challenge):
        raise AuthorizationRefused("invalid_request", "code_challenge is not valid")
    return challenge


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise AuthorizationRefused("invalid_request", "max_age is not a number of seconds")
    return int(text)


def _lowest_level(acr_values: str | None) -> int | None:
    """The lowest of the levels asked for, any of which will do; values that mean nothing here are ignored."""
    levels = [int(value) for value in (acr_values or "").split() if value in ("1", "2", "3")]
    return min(levels, default=None)


def shown_scopes(scopes: list[str]) -> list[str]:
    """The scopes worth a line on the consent page: all but the one that only says "sign in"."""
    return [scope for scope in scopes if scope != "openid" and (scope in IDENTITY_SCOPES or ":" in scope)]
