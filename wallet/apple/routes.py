"""Apple's web service for passes ("Adding a Web Service to Update Passes"), and the download of a member's own pass."""

import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.core.limits import Limit, Limiter, RateLimited
from wallet.apple.identity import UnusableCertificate
from wallet.apple.package import MEDIA_TYPE
from wallet.apple.service import AppleWallet, IssuedPass
from wallet.errors import MemberHasNoCard, PassesOff
from wallet.routes import Authorise

_LARGEST_BODY: Final = 64 * 1024
_DEVICE: Final = re.compile("[A-Za-z0-9-]{1,64}")
_PUSH_TOKEN: Final = re.compile("[A-Fa-f0-9]{8,200}")
_MOST_LINES: Final = 20
_LONGEST_LINE: Final = 500
_LOGS: Final = Limit(60, timedelta(minutes=1))
_log = structlog.get_logger("wallet.apple")

Endpoint = Callable[[Request], Awaitable[Response]]


class _WebService:
    def __init__(self, wallet: AppleWallet, limiter: Limiter, authorise: Authorise) -> None:
        self._wallet = wallet
        self._limiter = limiter
        self._authorise = authorise

    async def download(self, request: Request) -> Response:
        member_id = await self._authorise(request)
        if member_id is None:
            raise HTTPException(401, "Sign in to get your card.")
        return _package(
            await self._wallet.issue(member_id), {"content-disposition": 'attachment; filename="card.pkpass"'}
        )

    async def register(self, request: Request) -> Response:
        serial = await self._proven_serial(request)
        token = (await _json(request)).get("pushToken")
        if not isinstance(token, str) or not _PUSH_TOKEN.fullmatch(token):
            raise HTTPException(400, "pushToken must be 8 to 200 hex digits.")
        new = await self._wallet.register(_device(request), serial, token)
        if new is None:
            raise HTTPException(404, "No such pass.")
        return Response(status_code=201 if new else 200)

    async def unregister(self, request: Request) -> Response:
        serial = await self._proven_serial(request)
        await self._wallet.unregister(_device(request), serial)
        return Response(status_code=200)

    async def changed(self, request: Request) -> Response:
        await self._check_type(request)
        tag = request.query_params.get("passesUpdatedSince", "")
        changed = await self._wallet.changed_since(_device(request), tag)
        if changed is None:
            return Response(status_code=204)
        serials, last = changed
        return JSONResponse({"serialNumbers": serials, "lastUpdated": last})

    async def latest(self, request: Request) -> Response:
        issued = await self._wallet.by_serial(await self._proven_serial(request))
        if issued is None:
            raise HTTPException(404, "No such pass.")
        if not _changed_since(issued, request.headers.get("if-modified-since")):
            return Response(status_code=304)
        return _package(issued, {})

    async def log(self, request: Request) -> Response:
        client = request.client.host if request.client else ""
        await self._limiter.hit(f"apple:log:{client}", _LOGS)
        lines = (await _json(request)).get("logs")
        if not isinstance(lines, list):
            raise HTTPException(400, "logs must be a list of lines.")
        for line in lines[:_MOST_LINES]:
            _log.info("device_says", line=str(line)[:_LONGEST_LINE])
        return Response(status_code=200)

    async def _check_type(self, request: Request) -> None:
        if request.path_params["pass_type"] != (await self._wallet.identity()).pass_type:
            raise HTTPException(404, "No such pass type.")

    async def _proven_serial(self, request: Request) -> str:
        """The serial number in the path, once the phone has shown that pass's token."""
        await self._check_type(request)
        serial: str = request.path_params["serial"]
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        expected = self._wallet.token_of(serial)
        if scheme != "ApplePass" or not hmac.compare_digest(token.encode(), expected.encode()):
            raise HTTPException(401, "This pass's token is needed.")
        return serial


def apple_routes(wallet: AppleWallet, limiter: Limiter, authorise: Authorise) -> list[BaseRoute]:
    """`/card.pkpass` for who is signed in, and Apple's web service under `/apple/v1`."""
    service = _WebService(wallet, limiter, authorise)
    registration = "/apple/v1/devices/{device}/registrations/{pass_type}"
    return [
        Route("/card.pkpass", _answering(service.download)),
        Route(registration + "/{serial}", _answering(service.register), methods=["POST"]),
        Route(registration + "/{serial}", _answering(service.unregister), methods=["DELETE"]),
        Route(registration, _answering(service.changed)),
        Route("/apple/v1/passes/{pass_type}/{serial}", _answering(service.latest)),
        Route("/apple/v1/log", _answering(service.log), methods=["POST"]),
    ]


def _answering(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RateLimited as error:
            return JSONResponse({"message": error.message}, 429, headers={"retry-after": str(error.seconds)})
        except (MemberHasNoCard, PassesOff) as error:
            return JSONResponse({"message": error.message}, 404)
        except UnusableCertificate as error:
            _log.error("certificate_unusable", problem=str(error))
            return JSONResponse({"message": PassesOff("Apple").message}, 404)
        except HTTPException as error:
            return JSONResponse({"message": error.detail}, error.status_code)

    return answer


def _device(request: Request) -> str:
    device: str = request.path_params["device"]
    if not _DEVICE.fullmatch(device):
        raise HTTPException(400, "The device id must be 1 to 64 letters, digits or hyphens.")
    return device


def _package(issued: IssuedPass, headers: dict[str, str]) -> Response:
    changed = format_datetime(issued.changed_at.astimezone(UTC), usegmt=True)
    dated = {"last-modified": changed, "cache-control": "private, no-cache", **headers}
    return Response(issued.package, media_type=MEDIA_TYPE, headers=dated)


def _changed_since(issued: IssuedPass, header: str | None) -> bool:
    try:
        since: datetime | None = parsedate_to_datetime(header) if header else None
    except ValueError:
        return True
    if since is None or since.tzinfo is None:
        return True
    return issued.changed_at.replace(microsecond=0) > since


async def _json(request: Request) -> dict[str, Any]:
    """A small JSON object from the body; 413 and 400 otherwise."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise HTTPException(413, "The body is too large.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise HTTPException(400, "A JSON object is expected.")
    return value
