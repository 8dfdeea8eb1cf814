"""Which pages may call: proof of same origin for cookies, CORS for registered storefronts with tokens."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from schema.negotiation import Headers, RequestRefused, header
from schema.scopes import Caller

AllowedOrigin = Callable[[str], Awaitable[bool]]


class Origins:
    """Answers for one service: its own public origin and the registered storefronts.

    `registered` tells whether a foreign origin belongs to a registered storefront.
    """

    def __init__(self, own: str, registered: AllowedOrigin) -> None:
        self._own = _host(own)
        self._registered = registered

    def is_own(self, headers: Headers) -> bool:
        """Whether the browser says that the request comes from a page of ours.

        `Sec-Fetch-Site` decides where it is sent; older browsers and WebSocket handshakes send `Origin` only.
        """
        site = header(headers, b"sec-fetch-site")
        origin = header(headers, b"origin")
        if site is not None and site != "same-origin":
            return False
        if origin is None:
            return site == "same-origin"
        host = _host(origin)
        return host is not None and host in {self._own, _normal(header(headers, b"host"))}

    def prove(self, caller: Caller, headers: Headers) -> None:
        """Refuse a cookie that did not come from a page of ours; tokens and strangers carry no such risk."""
        if caller.via == "cookie" and not self.is_own(headers):
            raise RequestRefused(
                403, "CROSS_ORIGIN", "Requests with the session cookie must come from this site's own pages."
            )

    async def cors(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """Headers that let a registered storefront read the answer; never with cookies."""
        origin = header(headers, b"origin")
        if origin is None or self.is_own(headers):
            return []
        allowed = [(b"access-control-allow-origin", origin.encode("latin-1"))] if await self._registered(origin) else []
        if allowed:
            allowed.append((b"access-control-expose-headers", b"retry-after, www-authenticate"))
        return [(b"vary", b"Origin"), *allowed]

    async def preflight(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """Headers of the answer to OPTIONS."""
        cors = await self.cors(headers)
        if len(cors) > 1:
            cors += [
                (b"access-control-allow-methods", b"POST, GET"),
                (b"access-control-allow-headers", b"authorization, dpop, content-type, accept"),
                (b"access-control-max-age", b"7200"),
            ]
        return cors


def _host(origin: str) -> str | None:
    """`host[:port]` of an origin, without the port that its scheme implies."""
    parts = urlsplit(origin)
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return _normal(f"{parts.hostname}:{port}" if port else parts.hostname)


def _normal(host: str | None) -> str | None:
    return host.lower().removesuffix(":443").removesuffix(":80") if host else None
