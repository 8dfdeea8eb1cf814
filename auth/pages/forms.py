"""Pages with forms: each belongs to an interaction of one browser, and says what was wrong with what it was sent."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.limits import RateLimited
from auth.errors import OAuthRefused, WebRefused
from auth.identities.errors import BadAddress, IdentityDisabled, MethodTaken, UnknownIdentity
from auth.interactions.models import InteractionDocument
from auth.interactions.service import Interactions
from auth.languages import choose
from auth.pages.rendering import Pages
from auth.pages.strings import STRINGS
from auth.sessions.models import SessionDocument
from auth.signin.browser import BrowserSessions
from auth.signin.proofs import WrongCode
from auth.web import read_form


class InteractionForms:
    """Begins an interaction, renders its pages, and reads their forms."""

    def __init__(self, interactions: Interactions, browser: BrowserSessions, pages: Pages) -> None:
        self._interactions = interactions
        self._browser = browser
        self._pages = pages

    async def begin(self, request: Request, session: SessionDocument | None, path: str, return_to: str) -> Response:
        """Begin one, and send the browser to the page at `path`."""
        begun = await self._interactions.begin(request, session, return_to=return_to)
        response = RedirectResponse(f"{path}?tx={begun.interaction['_id']}", 303)
        self._interactions.bind(response, begun)
        return response

    async def read(self, request: Request) -> tuple[dict[str, str], InteractionDocument | None]:
        """The form and its interaction; None when the form is not one that we rendered for this browser."""
        self._browser.guard(request)
        try:
            form = await read_form(request)
        except OAuthRefused as error:
            raise WebRefused("invalid_request", error.message) from None
        interaction = await self._interactions.find(request, form.get("tx"))
        if interaction is None or not self._interactions.is_form_of(interaction, form.get("token")):
            return form, None
        return form, interaction

    def code_page(
        self,
        request: Request,
        interaction: InteractionDocument,
        action: str,
        email: str,
        problem: Exception | None,
        *,
        may_change: bool,
    ) -> Response:
        """The page that asks for the code which was sent to `email`; its forms go to `action`."""
        return self.page(
            request, interaction, "code.html", problem=problem, email=email, action=action, may_change=may_change
        )

    def page(
        self,
        request: Request,
        interaction: InteractionDocument,
        template: str,
        *,
        problem: Exception | None = None,
        **context: Any,
    ) -> Response:
        """A page of the interaction, with a sentence on what was wrong."""
        authorization = interaction["request"]
        status, headers = 200, {}
        if problem is not None:
            status = 429 if isinstance(problem, RateLimited) else 400
        if isinstance(problem, RateLimited):
            headers = {"Retry-After": str(problem.seconds)}
        response = self._pages.render(
            request,
            template,
            status=status,
            language=interaction["language"],
            then=[authorization["redirect_uri"]] if authorization else None,
            tx=interaction["_id"],
            token=self._interactions.form_token(interaction),
            problem=_sentence(problem, STRINGS[self.language(request, interaction)]),
            **context,
        )
        response.headers.update(headers)
        return response

    def language(self, request: Request, interaction: InteractionDocument) -> str:
        """The language that its client asked for, or that the browser prefers."""
        return choose(interaction["language"], request.headers.get("accept-language"))


def _sentence(problem: Exception | None, texts: Mapping[str, str]) -> str | None:
    """What the page says of a refusal, in its own language."""
    match problem:
        case None:
            return None
        case RateLimited():
            return texts["error.wait"].format(seconds=problem.seconds)
        case BadAddress():
            return texts["error.email"]
        case IdentityDisabled():
            return texts["error.disabled"]
        case UnknownIdentity():
            return texts["error.closed"]
        case MethodTaken():
            return texts["error.provider"]
        case WebRefused(error="taken"):
            return texts["error.taken"]
        case WrongCode():
            return texts["error.code"]
        case _:
            return texts["error.code_shape"]
