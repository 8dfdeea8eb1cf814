"""Cross-origin reading of the endpoints that browser clients call: their registered origins only, never credentials.

Tokens are asked for and revoked from a browser by clients without a secret only; a secret never belongs there.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from auth.clients.service import ClientService
from auth.web import Handler

_ALLOWED: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "600",
}


class CrossOrigin:
    """Adds the headers for origins of registered clients."""

    def __init__(self, clients: ClientService) -> None:
        self._clients = clients

    def sharing(self, handler: Handler) -> Handler:
        """The handler, readable from clients' origins; answers their preflights."""
        return self._sharing(handler, self._clients.is_known_origin)

    def sharing_with_public(self, handler: Handler) -> Handler:
        """The handler, readable from the origins of clients without a secret; answers their preflights."""
        return self._sharing(handler, self._clients.is_public_origin)

    def _sharing(self, handler: Handler, is_listed: Callable[[str], Awaitable[bool]]) -> Handler:
        async def endpoint(request: Request) -> Response:
            preflight = request.method == "OPTIONS"
            response = Response(status_code=204) if preflight else await handler(request)
            response.headers.append("Vary", "Origin")
            origin = request.headers.get("origin")
            if origin is not None and await is_listed(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
                if preflight:
                    response.headers.update(_ALLOWED)
            return response

        return endpoint
