"""The session cookie: how it is named, set and cleared.

Over https it is `__Host-sso`: Secure, host-only and path `/`, so that no sibling domain can set or shadow it. Over
plain http (development only; production refuses to start so) browsers differ in whether localhost may set Secure
cookies, so there it is plain `sso`. Which of them holds is configuration, never a header of the request.
"""

import hashlib
from datetime import datetime

from starlette.responses import Response


class SessionCookie:
    """Names, sets and clears the cookie."""

    def __init__(self, *, secure: bool) -> None:
        self.name = "__Host-sso" if secure else "sso"
        self._secure = secure

    def set(self, response: Response, value: str, expires_at: datetime, now: datetime) -> None:
        """Give the browser the session; persistent, as iOS shares only persistent cookies with its sign-in sheet."""
        response.set_cookie(
            self.name,
            value,
            max_age=max(0, int((expires_at - now).total_seconds())),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Take the session from the browser."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="lax")


def digest(value: str) -> str:
    """What is stored of a cookie's value."""
    return hashlib.sha256(value.encode()).hexdigest()
