"""The session of the browser that is asking."""

from starlette.requests import Request
from starlette.responses import Response

from auth.errors import WebRefused
from auth.policy import AuthPolicy
from auth.sessions.cookie import SessionCookie
from auth.sessions.models import SessionDocument
from auth.sessions.service import Opened, SessionService
from auth.web import refuse_cross_site


class BrowserSessions:
    """Gives a browser its session after any kind of proof, and finds it again."""

    def __init__(self, sessions: SessionService, cookie: SessionCookie, policy: AuthPolicy) -> None:
        self._sessions = sessions
        self._cookie = cookie
        self._policy = policy

    async def current(self, request: Request) -> SessionDocument | None:
        """The session of this browser."""
        return await self._sessions.find(request.cookies.get(self._cookie.name))

    async def was_ended(self, request: Request) -> bool:
        """Whether the session that this browser had was ended, here or from elsewhere, rather than having run out."""
        return await self._sessions.was_ended(request.cookies.get(self._cookie.name))

    async def signed_in(self, request: Request) -> SessionDocument:
        """The session of this browser, for a change that our own page asks for. Raises CrossSite, WebRefused."""
        self.guard(request)
        session = await self.current(request)
        if session is None:
            raise WebRefused("signed_out", "You are signed out. Sign in again.", status=401)
        return session

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
