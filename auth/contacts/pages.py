"""The pages on which somebody changes the e-mail address that signs in, or takes that back; they need no script."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.limits import RateLimited
from auth.access import Authenticator
from auth.clients.redirects import local_path
from auth.contacts.service import ContactService
from auth.errors import StepUpNeeded, WebRefused
from auth.identities.errors import BadAddress
from auth.identities.service import normalise_email
from auth.interactions.models import InteractionDocument
from auth.interactions.service import Interactions
from auth.pages.forms import InteractionForms
from auth.pages.rendering import Pages
from auth.sessions.models import SessionDocument
from auth.signin.browser import BrowserSessions
from auth.signin.endpoints import read_code
from auth.web import peer_of, read_form

_PATH = "/account/email"


class AddressPages:
    """`/account/email` and `/contact/undo`."""

    def __init__(
        self,
        *,
        contacts: ContactService,
        interactions: Interactions,
        forms: InteractionForms,
        browser: BrowserSessions,
        authenticator: Authenticator,
        pages: Pages,
    ) -> None:
        self._contacts = contacts
        self._interactions = interactions
        self._forms = forms
        self._browser = browser
        self._authenticator = authenticator
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """`GET /account/email[?return_to=/…|?tx=…]`: by way of signing in and a fresh proof, where one is missing."""
        session = await self._browser.current(request)
        if "tx" not in request.query_params:
            return_to = local_path(request.query_params.get("return_to"))
            missing = await self._missing(request, session)
            if missing is not None:
                here = f"{_PATH}?{urlencode({'return_to': return_to})}"
                return RedirectResponse(f"{missing}?{urlencode({'return_to': here})}", 303)
            return await self._forms.begin(request, session, _PATH, return_to)
        interaction = await self._interactions.find(request, request.query_params["tx"])
        if interaction is None or session is None:
            return self._pages.expired(request)
        return self._page(request, interaction, session)

    async def step(self, request: Request) -> Response:
        """`POST /account/email`: the new address, the code sent to it, or another wish, as `action` says."""
        form, interaction = await self._forms.read(request)
        session = await self._browser.current(request)
        if interaction is None or session is None:
            return self._pages.expired(request)
        action, peer = form.get("action"), peer_of(request)
        if action == "cancel":
            return await self._leave(interaction)
        if (missing := await self._missing(request, session)) is not None:
            here = f"{_PATH}?{urlencode({'return_to': interaction['return_to']})}"
            return RedirectResponse(f"{missing}?{urlencode({'return_to': here})}", 303)
        if action == "change":
            await self._interactions.update(interaction, email=None)
            return self._page(request, interaction, session)
        try:
            if action == "code" and interaction["email"] is not None:
                await self._contacts.finish(session, interaction["email"], read_code(form.get("code")), peer)
                return await self._leave(interaction)
            email = interaction["email"] if action == "resend" else normalise_email(form.get("email"))
            if email is None:
                return self._page(request, interaction, session)
            await self._contacts.begin(session, email, peer, self._forms.language(request, interaction))
        except (BadAddress, RateLimited, WebRefused) as error:
            return self._page(request, interaction, session, error, form.get("email"))
        await self._interactions.update(interaction, email=email)
        return RedirectResponse(f"{_PATH}?tx={interaction['_id']}", 303)

    async def undo_page(self, request: Request) -> Response:
        """`GET /contact/undo?token=…`: only asks; a mail scanner that follows the link changes nothing."""
        token = request.query_params.get("token", "")
        if not await self._contacts.can_undo(token):
            return self._pages.error(request, "error.undo")
        return self._pages.render(request, "undo.html", token=token)

    async def undo(self, request: Request) -> Response:
        """`POST /contact/undo`."""
        self._browser.guard(request)
        form = await read_form(request)
        if not await self._contacts.undo(form.get("token", ""), peer_of(request)):
            return self._pages.error(request, "error.undo")
        response = self._pages.render(request, "undone.html")
        self._browser.take(response)
        return response

    def _page(
        self,
        request: Request,
        interaction: InteractionDocument,
        session: SessionDocument,
        problem: Exception | None = None,
        typed: str | None = None,
    ) -> Response:
        if interaction["email"] is not None:
            return self._forms.code_page(request, interaction, _PATH, interaction["email"], problem, may_change=True)
        return self._forms.page(
            request, interaction, "address.html", problem=problem, current=session["email"], typed=typed
        )

    async def _missing(self, request: Request, session: SessionDocument | None) -> str | None:
        """The page to go to first; None when the account may be changed now."""
        if session is None:
            return "/login"
        try:
            await self._authenticator.require_proof(await self._authenticator.access(request))
        except StepUpNeeded:
            return "/stepup"
        return None

    async def _leave(self, interaction: InteractionDocument) -> Response:
        await self._interactions.end(interaction)
        return RedirectResponse(interaction["return_to"], 303)
