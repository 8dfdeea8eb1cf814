"""The pages where a person signs in, confirms who they are, and agrees. They work without a script."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.clock import Clock
from app.core.limits import RateLimited
from auth.clients.models import ClientDocument
from auth.clients.redirects import local_path
from auth.clients.service import ClientService
from auth.codes.service import CodeService
from auth.consents.repository import ConsentRepository
from auth.errors import WebRefused
from auth.federation.models import OutsideProvider
from auth.identities.errors import BadAddress, IdentityDisabled, MethodTaken, UnknownIdentity
from auth.identities.service import IdentityService, normalise_email
from auth.interactions.models import InteractionDocument
from auth.interactions.service import Interactions
from auth.pages.forms import InteractionForms
from auth.pages.rendering import Pages
from auth.policy import AuthPolicy
from auth.provider.authorize import AuthorizationEndpoint, AuthorizationRefused, shown_scopes
from auth.scopes import SCOPE_TEXTS
from auth.sessions.models import SessionDocument
from auth.sessions.service import Opened, level_at
from auth.signin.browser import BrowserSessions
from auth.signin.endpoints import read_code
from auth.signin.proofs import SignIn
from auth.web import peer_of


class SignInPages:
    """`/login`, `/stepup` and `/consent`."""

    def __init__(
        self,
        *,
        interactions: Interactions,
        forms: InteractionForms,
        authorization: AuthorizationEndpoint,
        clients: ClientService,
        consents: ConsentRepository,
        codes: CodeService,
        identities: IdentityService,
        sign_in: SignIn,
        browser: BrowserSessions,
        pages: Pages,
        providers: Sequence[OutsideProvider],
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._interactions = interactions
        self._forms = forms
        self._authorization = authorization
        self._clients = clients
        self._consents = consents
        self._codes = codes
        self._identities = identities
        self._sign_in = sign_in
        self._browser = browser
        self._pages = pages
        self._providers = providers
        self._clock = clock
        self._policy = policy

    async def login(self, request: Request) -> Response:
        """`GET /login[?tx=…|?return_to=/…]`."""
        session = await self._browser.current(request)
        if "tx" not in request.query_params:
            return_to = local_path(request.query_params.get("return_to"))
            if session is not None:
                return RedirectResponse(return_to, 303)
            return await self._forms.begin(request, session, "/login", return_to)
        interaction = await self._interactions.find(request, request.query_params["tx"])
        if interaction is None:
            return self._pages.expired(request)
        if session is not None and self._interactions.is_proved(interaction, session):
            return await self._go_on(interaction)
        return await self._login_page(request, interaction)

    async def login_step(self, request: Request) -> Response:
        """`POST /login`: an address, a code, or another wish, as `action` says."""
        form, interaction = await self._forms.read(request)
        if interaction is None:
            return self._pages.expired(request)
        action = form.get("action")
        if action == "continue" and await self._browser.current(request) is not None:
            await self._interactions.update(interaction, continued=True)
            return await self._go_on(interaction)
        if action == "change":
            await self._interactions.update(interaction, email=None)
            return await self._login_page(request, interaction)
        try:
            if action == "code" and interaction["email"] is not None:
                code = read_code(form.get("code"))
                pending = interaction["pending"]
                signed_in = await self._sign_in.by_code(request, interaction["email"], code, pending)
                return await self._go_on(interaction, signed_in.opened)
            email = interaction["email"] if action == "resend" else normalise_email(form.get("email"))
            if email is None:
                return await self._login_page(request, interaction)
            await self._codes.send(email, "sign-in", peer_of(request), self._forms.language(request, interaction))
        except (BadAddress, IdentityDisabled, MethodTaken, RateLimited, UnknownIdentity, WebRefused) as error:
            return await self._login_page(request, interaction, error, form.get("email"))
        await self._interactions.update(interaction, email=email)
        return RedirectResponse(f"/login?tx={interaction['_id']}", 303)

    async def step_up(self, request: Request) -> Response:
        """`GET /stepup[?tx=…|?return_to=/…]`."""
        session = await self._browser.current(request)
        if "tx" not in request.query_params:
            return_to = local_path(request.query_params.get("return_to"))
            if session is None:
                return RedirectResponse(f"/login?{urlencode({'return_to': return_to})}", 303)
            return await self._forms.begin(request, session, "/stepup", return_to)
        interaction = await self._interactions.find(request, request.query_params["tx"])
        if interaction is None or session is None:
            return self._pages.expired(request)
        if self._interactions.is_proved(interaction, session) and not await self._asks_passkey(interaction, session):
            return await self._go_on(interaction)
        return await self._step_up_page(request, interaction, session)

    async def step_up_step(self, request: Request) -> Response:
        """`POST /stepup`: send a code, check it, or cancel."""
        form, interaction = await self._forms.read(request)
        session = await self._browser.current(request)
        if interaction is None or session is None:
            return self._pages.expired(request)
        action = form.get("action")
        if action == "cancel":
            return await self._authorization.refuse(
                interaction, AuthorizationRefused("access_denied", "the person cancelled")
            )
        peer = peer_of(request)
        try:
            if action == "code":
                opened = await self._sign_in.step_up_by_code(session, read_code(form.get("code")), peer)
                return await self._go_on(interaction, opened)
            if session["email"] is not None and not await self._asks_passkey(interaction, session):
                language = self._forms.language(request, interaction)
                await self._codes.send(session["email"], "step-up", peer, language, session["identity_id"])
        except (RateLimited, WebRefused) as error:
            return await self._step_up_page(request, interaction, session, error)
        await self._interactions.update(interaction, email=session["email"])
        return RedirectResponse(f"/stepup?tx={interaction['_id']}", 303)

    async def consent(self, request: Request) -> Response:
        """`GET /consent?tx=…`."""
        interaction = await self._interactions.find(request, request.query_params.get("tx"))
        session = await self._browser.current(request)
        client = await self._client(interaction)
        if interaction is None or interaction["request"] is None or session is None or client is None:
            return self._pages.expired(request)
        scopes = [
            SCOPE_TEXTS[scope] for scope in shown_scopes(interaction["request"]["scopes"]) if scope in SCOPE_TEXTS
        ]
        return self._forms.page(
            request, interaction, "consent.html", client=client["name"], scopes=scopes, email=session["email"]
        )

    async def consent_step(self, request: Request) -> Response:
        """`POST /consent`: allow or deny."""
        form, interaction = await self._forms.read(request)
        session = await self._browser.current(request)
        if interaction is None or interaction["request"] is None or session is None:
            return self._pages.expired(request)
        if form.get("decision") != "allow":
            refused = AuthorizationRefused("access_denied", "the person did not allow it")
            return await self._authorization.refuse(interaction, refused)
        authorization = interaction["request"]
        now = self._clock.now()
        await self._consents.allow(session["identity_id"], authorization["client_id"], authorization["scopes"], now)
        await self._interactions.update(interaction, consented=True)
        return RedirectResponse(f"/authorize/resume?tx={interaction['_id']}", 303)

    async def _go_on(self, interaction: InteractionDocument, opened: Opened | None = None) -> Response:
        if interaction["request"] is not None:
            response = RedirectResponse(f"/authorize/resume?tx={interaction['_id']}", 303)
        else:
            await self._interactions.end(interaction)
            response = RedirectResponse(interaction["return_to"], 303)
        if opened is not None:
            self._browser.give(response, opened)
        return response

    async def _client(self, interaction: InteractionDocument | None) -> ClientDocument | None:
        if interaction is None or interaction["request"] is None:
            return None
        return await self._clients.by_id(interaction["request"]["client_id"])

    async def _login_page(
        self,
        request: Request,
        interaction: InteractionDocument,
        problem: Exception | None = None,
        typed: str | None = None,
    ) -> Response:
        if interaction["email"] is not None:
            return self._forms.code_page(request, interaction, "/login", interaction["email"], problem, may_change=True)
        session = await self._browser.current(request)
        client = await self._client(interaction)
        authorization = interaction["request"]
        hinted = authorization["subject_hint"] if authorization else None
        pending = interaction["pending"]
        hint = pending["email"] if pending else authorization["login_hint"] if authorization else None
        return self._forms.page(
            request,
            interaction,
            "login.html",
            problem=problem,
            client=client["name"] if client else None,
            email=typed or (hint if hint and "@" in hint else None),
            proving=pending is not None,
            signed_in_as=session["email"] if session and not session["roles"] and pending is None else None,
            may_continue=session is not None and hinted is None and "login" not in _prompts(interaction),
            providers=() if pending else self._providers,
        )

    async def _asks_passkey(self, interaction: InteractionDocument, session: SessionDocument) -> bool:
        """Whether nothing less than a passkey will do: for a change of an account that has one.

        What a client asked for goes on with less, and the answer says how much it was (OpenID Connect Core, `acr`).
        """
        if interaction["request"] is not None:
            return False
        needed = await self._identities.level_to_change(session["identity_id"])
        return needed > 2 and level_at(session, self._clock.now(), self._policy.step_up_fresh) < needed

    async def _step_up_page(
        self,
        request: Request,
        interaction: InteractionDocument,
        session: SessionDocument,
        problem: Exception | None = None,
    ) -> Response:
        if interaction["email"] is not None:
            return self._forms.code_page(
                request, interaction, "/stepup", interaction["email"], problem, may_change=False
            )
        asks_passkey = await self._asks_passkey(interaction, session)
        email = None if asks_passkey else session["email"]
        return self._forms.page(
            request, interaction, "stepup.html", problem=problem, email=email, asks_passkey=asks_passkey
        )


def _prompts(interaction: InteractionDocument) -> Sequence[str]:
    return interaction["request"]["prompt"] if interaction["request"] else ()
