"""`/card/google`: sends the signed-in member to Google with the card."""

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from wallet.errors import MemberHasNoCard, PassesOff
from wallet.google.account import GoogleRefused, UnusableAccount
from wallet.google.service import GoogleWallet
from wallet.routes import Authorise

PATH: Final = "/card/google"
_log = structlog.get_logger("wallet.google")


def google_routes(wallet: GoogleWallet, authorise: Authorise) -> list[BaseRoute]:
    """The one route."""

    async def save(request: Request) -> Response:
        member_id = await authorise(request)
        if member_id is None:
            return JSONResponse({"error": "unauthenticated", "message": "Sign in to get your card."}, 401)
        try:
            link = await wallet.link(member_id)
        except (MemberHasNoCard, PassesOff) as error:
            return JSONResponse({"error": "not_found", "message": error.message}, 404)
        except (GoogleRefused, UnusableAccount) as error:
            _log.error("google_failed", problem=str(error))
            message = "Google Wallet does not answer just now. Please try again later."
            return JSONResponse({"error": "unavailable", "message": message}, 503)
        return RedirectResponse(link, 303, headers={"cache-control": "no-store"})

    return [Route(PATH, save)]
