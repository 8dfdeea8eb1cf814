"""The JSON endpoints of changing the address, and the page that undoes it."""

from starlette.requests import Request
from starlette.responses import Response

from auth.access import Authenticator
from auth.contacts.service import ContactService
from auth.identities.service import normalise_email
from auth.pages.rendering import Pages
from auth.sessions.models import SessionDocument
from auth.signin.browser import BrowserSessions
from auth.signin.endpoints import language_of, read_code
from auth.web import json_answer, peer_of, read_form, read_json


class ContactEndpoints:
    """`/contact/email` and `/contact/undo`."""

    def __init__(
        self, contacts: ContactService, browser: BrowserSessions, authenticator: Authenticator, pages: Pages
    ) -> None:
        self._contacts = contacts
        self._browser = browser
        self._authenticator = authenticator
        self._pages = pages

    async def begin(self, request: Request) -> Response:
        """`POST /contact/email` {email, language?}: a code to the new address; the same answer for every address."""
        session = await self._proved(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        await self._contacts.begin(session, email, peer_of(request), language_of(request, data))
        return json_answer({}, 202)

    async def finish(self, request: Request) -> Response:
        """`POST /contact/email/verify` {email, code}."""
        session = await self._proved(request)
        data = await read_json(request)
        email = normalise_email(data.get("email"))
        await self._contacts.finish(session, email, read_code(data.get("code")), peer_of(request))
        return json_answer({"email": email})

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

    async def _proved(self, request: Request) -> SessionDocument:
        session = await self._browser.signed_in(request)
        await self._authenticator.require_proof(await self._authenticator.access(request))
        return session
