"""HTTP odds and ends that every endpoint shares: strict readers, answers, who is calling."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from app.core.errors import DomainError
from app.core.limits import RateLimited
from auth.errors import CrossSite, OAuthRefused, Refused, TooMany, WebRefused

Handler = Callable[[Request], Awaitable[Response]]

_LONGEST_BODY = 64 * 1024
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is calling, as coarse as it is kept: the network (IPv4 /24, IPv6 /48) and a name for the device."""

    ip_prefix: str
    device: str


def peer_of(connection: HTTPConnection) -> Peer:
    """Describe the caller; the address is the server's own view (trusted proxies are resolved before us)."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
        prefix = str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
    except ValueError:
        prefix = "unknown"
    return Peer(prefix, device_name(connection.headers.get("user-agent", "")))


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """A short name such as "Chrome on Android"; "Unknown device" when the header says nothing we know."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"


async def read_body(request: Request) -> bytes:
    """Read the body, refusing more than 64 KiB before it is held in memory."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY:
            raise WebRefused("too_large", "The request is too large.", status=413)
    return bytes(body)


async def read_json(request: Request) -> dict[str, Any]:
    """Read a JSON object sent as exactly `application/json`, which no cross-site form can send."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise WebRefused("unsupported_media_type", "Send Content-Type: application/json.", status=415)
    try:
        value = orjson.loads(await read_body(request) or b"{}")
    except orjson.JSONDecodeError:
        raise WebRefused("invalid_json", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise WebRefused("invalid_json", "The body must be a JSON object.")
    return value


def parse_parameters(raw: str) -> dict[str, str]:
    """Parse form or query parameters; a repeated name is refused (RFC 6749 section 3.1), empty values are dropped."""
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, strict_parsing=False, errors="strict", max_num_fields=100)
    except (ValueError, UnicodeDecodeError):
        raise OAuthRefused("invalid_request", "the parameters cannot be read") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthRefused("invalid_request", "a parameter is repeated")
    if any("\0" in value or "\0" in name for name, value in pairs):
        raise OAuthRefused("invalid_request", "a parameter contains a null character")
    return {name: value for name, value in pairs if value}


async def read_form(request: Request) -> dict[str, str]:
    """Read an `application/x-www-form-urlencoded` body."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise OAuthRefused("invalid_request", "send Content-Type: application/x-www-form-urlencoded")
    body = await read_body(request)
    try:
        return parse_parameters(body.decode("ascii"))
    except UnicodeDecodeError:
        raise OAuthRefused("invalid_request", "the body is not form encoded") from None


def text_field(data: Mapping[str, Any], name: str, *, longest: int, message: str) -> str:
    """The stripped text of a required JSON field; anything but non-empty text is refused with `message`."""
    value = data.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or "\0" in value:
        raise WebRefused("invalid", message, field=name)
    return value.strip()


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that nothing may store."""
    return Response(orjson.dumps(data), status, {**_NO_STORE, **(headers or {})}, media_type="application/json")


def is_own_page(connection: HTTPConnection, origin: str) -> bool | None:
    """Whether the request comes from one of our own pages; None when it does not say (no browser sent it)."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    said = connection.headers.get("origin")
    return None if said is None else said == origin


def refuse_cross_site(connection: HTTPConnection, origin: str, *, cookie: str) -> None:
    """Refuse a state-changing request that another site made, or that rides on a cookie without saying whence."""
    own = is_own_page(connection, origin)
    if own is False or (own is None and cookie in connection.cookies):
        raise CrossSite


def answering(handler: Handler) -> Handler:
    """Turn refusals into their answers, so that handlers only say what goes right."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except RateLimited as error:
            refusal: Refused = TooMany(error.retry_after)
        except DomainError as error:
            field = error.field[-1] if error.field else None
            refusal = WebRefused(error.code.lower(), error.message, field=field)
        except Refused as error:
            refusal = error
        return json_answer(refusal.body(), refusal.status, refusal.headers)

    return endpoint
