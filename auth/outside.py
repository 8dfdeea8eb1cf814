"""Calling addresses that others gave us, without being talked into calling ourselves (SSRF).

Only https on public addresses, no redirects, five seconds, 64 KiB. The name is resolved once and the connection goes
to the address that was checked, so that a second answer of the DNS cannot differ.
"""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2 as httpx

from app.core.errors import InvalidInput

_SECONDS = 5.0
_LONGEST_ANSWER = 64 * 1024


class OutsideRefused(Exception):
    """The address may not be called, or did not answer as it must."""


class OutsideAddresses:
    """Checks and calls outside addresses; `allowed_origins` are exempt, for development and tests on loopback."""

    def __init__(self, client: httpx.AsyncClient, allowed_origins: frozenset[str] = frozenset()) -> None:
        self._client = client
        self._allowed = allowed_origins

    async def check(self, url: str, field: str) -> None:
        """Raise InvalidInput unless the address may be called."""
        try:
            await self._resolve(url)
        except OutsideRefused as error:
            raise InvalidInput((field,), f"{error}.") from None

    async def request(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Call the address.

        Raises OutsideRefused when it may not be called, is silent, redirects or answers too much.
        """
        target, extra, extensions = await self._resolve(url)
        body = None if form is None else dict(form)
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._client.stream(
                    method,
                    target,
                    data=body,
                    headers={**(headers or {}), **extra},
                    extensions=extensions,
                    follow_redirects=False,
                ) as response,
            ):
                read = bytearray()
                async for chunk in response.aiter_bytes():
                    read += chunk
                    if len(read) > _LONGEST_ANSWER:
                        raise OutsideRefused(f"{url} answers too much")
                if response.is_redirect:
                    raise OutsideRefused(f"{url} redirects")
                return httpx.Response(response.status_code, headers=_plain(response.headers), content=bytes(read))
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutsideRefused(f"{url} does not answer: {type(error).__name__}") from error

    async def _resolve(self, url: str) -> tuple[str, dict[str, str], dict[str, str]]:
        """The address to connect to, with the headers and TLS name that keep the original host."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise OutsideRefused(f"{url!r} is not an address") from None
        if f"{parts.scheme}://{parts.netloc}" in self._allowed:
            return url, {}, {}
        if parts.scheme != "https" or not host or parts.username is not None or parts.fragment:
            raise OutsideRefused(f"{url!r} is not an https address")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
        except OSError:
            raise OutsideRefused(f"{host} cannot be found") from None
        addresses = [ip_address(entry[4][0]) for entry in found]
        if not addresses or not all(address.is_global and not address.is_multicast for address in addresses):
            raise OutsideRefused(f"{host} is not a public address")
        chosen = addresses[0]
        literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
        netloc = literal if port is None else f"{literal}:{port}"
        return parts._replace(netloc=netloc).geturl(), {"Host": parts.netloc}, {"sni_hostname": host}


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without those that described the transfer, which is over."""
    return {
        name: value for name, value in headers.items() if name.lower() not in ("content-encoding", "content-length")
    }
