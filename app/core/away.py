"""What a client hears while the database is away."""

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

DATABASE_AWAY: Final = "The database cannot be reached; please try again, a change with the same idempotency key."

_AGAIN_SECONDS: Final = "5"

_log = structlog.get_logger("http")


async def answer_away(request: Request, error: Exception) -> Response:
    """Starlette's handler of errors that say that the database gave no answer: 503, to be tried again in seconds.

    Source: RFC 9110, sections 15.6.4 (503) and 10.2.3 (Retry-After).
    """
    _log.warning("database_away", path=request.url.path, error=str(error)[:200])
    headers = {"retry-after": _AGAIN_SECONDS, "cache-control": "no-store"}
    return PlainTextResponse(DATABASE_AWAY, 503, headers)
