"""Telling phones through Apple's push service that a pass changed: an empty message over HTTP/2."""

import ssl
import tempfile
from pathlib import Path
from typing import Final

import httpx2

from wallet.apple.identity import Identity

ORIGIN: Final = "https://api.push.apple.com"
_SECONDS: Final = 10.0
_GONE: Final = frozenset({"BadDeviceToken", "Unregistered", "DeviceTokenNotForTopic"})


class PushRefused(Exception):
    """The push service did not take the message; it is worth trying again later."""


class PushService:
    """One connection to the push service, opened at the first message; the pass certificate proves who we are."""

    def __init__(self, identity: Identity, origin: str = ORIGIN, trusted: str | None = None) -> None:
        context = ssl.create_default_context(cafile=trusted)
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder) / "pass.pem"
            pem.touch(mode=0o600)
            pem.write_bytes(identity.pem())
            context.load_cert_chain(pem)
        self._topic = identity.pass_type
        self._client = httpx2.AsyncClient(http2=True, http1=False, verify=context, base_url=origin, timeout=_SECONDS)

    async def send(self, push_token: str) -> bool:
        """Wake a phone up; False when it is gone for good. Raises PushRefused when it should be tried again."""
        try:
            answer = await self._client.post(
                f"/3/device/{push_token}", content=b"{}", headers={"apns-topic": self._topic}
            )
        except httpx2.HTTPError as error:
            raise PushRefused(f"push service unreachable: {error!r}") from error
        if answer.status_code == httpx2.codes.OK:
            return True
        reason = _reason(answer)
        if answer.status_code == httpx2.codes.GONE or reason in _GONE:
            return False
        raise PushRefused(f"push service answered {answer.status_code} {reason}")

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()


def _reason(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("reason", ""))[:100] if isinstance(body, dict) else ""
