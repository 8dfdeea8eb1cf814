"""The card's pictures over HTTP: for the signed-in member, or by a signed link in a mail."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from wallet import images
from wallet.cards import CardService
from wallet.colours import brand_colour
from wallet.errors import MemberHasNoCard
from wallet.sheet import STYLE, grouped, sheet

Authorise = Callable[[HTTPConnection], Awaitable[str | None]]
"""Whose card a connection may see: the signed-in member, or whom an agent asks for; None for nobody."""

_SCALES: Final = range(1, 33)
_LOGO_SIDE: Final = 660
_CACHED: Final = "private, no-cache"
"""Kept, and asked about each time: nobody prints a card from the picture of one that was replaced since."""


class _Pictures:
    """Draws in threads, answers with an ETag, and never again when the browser has it."""

    def __init__(self, cards: CardService, authorise: Authorise) -> None:
        self._cards = cards
        self._authorise = authorise

    async def code_png(self, request: Request) -> Response:
        return await self._code(request, await self._authorise(request), "png")

    async def code_svg(self, request: Request) -> Response:
        return await self._code(request, await self._authorise(request), "svg")

    async def linked_png(self, request: Request) -> Response:
        return await self._code(request, self._cards.links.member_of(request.path_params["ticket"]), "png")

    async def linked_svg(self, request: Request) -> Response:
        return await self._code(request, self._cards.links.member_of(request.path_params["ticket"]), "svg")

    async def barcode_png(self, request: Request) -> Response:
        return await self._barcode(request, "png")

    async def barcode_svg(self, request: Request) -> Response:
        return await self._barcode(request, "svg")

    async def sheet(self, request: Request) -> Response:
        member_id = await self._authorise(request)
        if member_id is None:
            return _not_signed_in()
        face = await self._cards.face(member_id)
        query = f"?member={member_id}" if "member" in request.query_params else ""
        page = sheet(programme=face.programme, name=face.name, number=face.number, language=face.language, query=query)
        return Response(page, media_type="text/html", headers={"cache-control": "private, no-store"})

    async def logo(self, _request: Request) -> Response:
        """The programme's letter on its colour, for anybody: Google fetches it for its passes."""
        programme = await self._cards.programme()
        letter, colour = programme["name"][:1].upper(), brand_colour(programme["brand_hue"])
        picture = await asyncio.to_thread(images.letter_png, letter, _LOGO_SIDE, colour)
        return Response(picture, media_type="image/png", headers={"cache-control": "public, max-age=86400"})

    async def _barcode(self, request: Request, suffix: str) -> Response:
        member_id = await self._authorise(request)
        if member_id is None:
            return _not_signed_in()
        number = await self._cards.card_number(member_id)
        if suffix == "svg":
            return await _picture(request, "svg", number, partial(images.barcode_svg, number, grouped(number)))
        return await _picture(request, "png", number, partial(images.barcode_png, number))

    async def _code(self, request: Request, member_id: str | None, suffix: str) -> Response:
        if member_id is None:
            return _not_signed_in()
        code = await self._cards.static_code(member_id)
        if suffix == "svg":
            return await _picture(request, "svg", code, partial(images.qr_svg, code, "QR"))
        scale = request.query_params.get("scale", "8")
        if not (scale.isascii() and scale.isdigit() and len(scale) < 3 and int(scale) in _SCALES):
            return JSONResponse({"error": "invalid", "field": "scale", "message": "scale is 1 to 32."}, 400)
        return await _picture(request, "png", f"{code} {scale}", partial(images.qr_png, code, int(scale)))


def routes(cards: CardService, authorise: Authorise) -> list[BaseRoute]:
    """The card's QR, Code 128 and sheet for who is signed in; the QR alone by a mail's ticket."""
    pictures = _Pictures(cards, authorise)
    return [
        Route("/card.png", _answering(pictures.code_png)),
        Route("/card.svg", _answering(pictures.code_svg)),
        Route("/card/sheet", _answering(pictures.sheet)),
        Route("/card/sheet.css", _style),
        Route("/card/logo.png", pictures.logo),
        Route("/card/barcode.png", _answering(pictures.barcode_png)),
        Route("/card/barcode.svg", _answering(pictures.barcode_svg)),
        Route("/card/{ticket}.png", _answering(pictures.linked_png)),
        Route("/card/{ticket}.svg", _answering(pictures.linked_svg)),
    ]


def _answering(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except MemberHasNoCard as error:
            return JSONResponse({"error": "not_found", "message": error.message}, 404)

    return answer


async def _style(request: Request) -> Response:
    return Response(STYLE, media_type="text/css", headers={"cache-control": "public, max-age=86400"})


async def _picture(request: Request, kind: str, drawn: str, draw: Callable[[], bytes | str]) -> Response:
    tag = f'"{hashlib.sha256(f"{kind} 1 {drawn}".encode()).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": _CACHED, "vary": "cookie, authorization"}
    known = request.headers.get("if-none-match", "")
    if known == "*" or tag in {given.strip().removeprefix("W/") for given in known.split(",")}:
        return Response(status_code=304, headers=headers)
    media_type = "image/png" if kind == "png" else "image/svg+xml"
    return Response(await asyncio.to_thread(draw), media_type=media_type, headers=headers)


def _not_signed_in() -> Response:
    return JSONResponse({"error": "unauthenticated", "message": "Sign in to see your card."}, 401)
