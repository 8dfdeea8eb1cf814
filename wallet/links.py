"""Links to a card's picture that need no sign-in, for e-mails: who, until when, and a MAC."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from app.core import base64url
from app.core.clock import Clock

LIFE: Final = timedelta(days=30)
_MAC_LENGTH: Final = 16
_ID_LENGTH: Final = 12
_PREFIX: Final = "mbr_"


class CardLinks:
    """Signs and reads such links' tickets (43 characters of base64url)."""

    def __init__(self, clock: Clock, derive_key: Callable[[str], bytes]) -> None:
        self._clock = clock
        self._key = derive_key("wallet.links")

    def path(self, member_id: str, suffix: str = "png", life: timedelta = LIFE) -> str:
        """The path of a member's picture, good for `life`."""
        until = int((self._clock.now() + life).timestamp())
        body = bytes.fromhex(member_id.removeprefix(_PREFIX)) + until.to_bytes(4, "big")
        ticket = base64url.encode(body + self._mac(body))
        return f"/card/{ticket}.{suffix}"

    def member_of(self, ticket: str) -> str | None:
        """Whose picture a ticket shows; None when it is forged, changed or out of time."""
        try:
            raw = base64url.decode(ticket)
        except ValueError:
            return None
        body, mac = raw[:-_MAC_LENGTH], raw[-_MAC_LENGTH:]
        if len(body) != _ID_LENGTH + 4 or not hmac.compare_digest(mac, self._mac(body)):
            return None
        until = int.from_bytes(body[_ID_LENGTH:], "big")
        return _PREFIX + body[:_ID_LENGTH].hex() if self._clock.now().timestamp() < until else None

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_MAC_LENGTH]
