"""The record of security events, and the sentence that each of them says to people."""

from datetime import datetime, timedelta
from typing import Final

from app.core.clock import Clock
from app.core.ids import new_id
from auth.events.models import SecurityEventDocument
from auth.events.repository import SecurityEventRepository
from auth.events.texts import METHODS, TEXTS
from auth.languages import RIGHT_TO_LEFT, choose
from auth.web import Peer

KEPT: Final = timedelta(days=730)


class SecurityEvents:
    """Writes security events and reads them back, newest first."""

    def __init__(self, repository: SecurityEventRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def record(
        self, identity_id: str, event_type: str, *, actor: str | None = None, peer: Peer | None = None, **detail: str
    ) -> None:
        """Record an event; the actor defaults to the identity itself."""
        now = self._clock.now()
        await self._repository.add(
            {
                "_id": new_id("evt"),
                "identity_id": identity_id,
                "type": event_type,
                "at": now,
                "actor": actor or f"identity:{identity_id}",
                "ip_prefix": peer.ip_prefix if peer else None,
                "device": peer.device if peer else None,
                "detail": detail,
                "purge_at": now + KEPT,
            }
        )

    async def page(
        self, identity_id: str, first: int, before: tuple[datetime, str] | None = None
    ) -> list[SecurityEventDocument]:
        """The newest events of an identity; `before` is the (at, id) of the last one already seen."""
        return await self._repository.page(identity_id, first, before)

    @staticmethod
    def text(event: SecurityEventDocument, language: str = "en") -> str:
        """The event as a short sentence, in a language that sign-in speaks or else in English."""
        spoken = choose(language)
        sentence = TEXTS[spoken].get(event["type"], event["type"].replace("_", " "))
        methods = METHODS[spoken]
        details = {
            key: methods.get(value, value) if key == "method" else value for key, value in event["detail"].items()
        }
        if spoken in RIGHT_TO_LEFT:
            # A name or an address runs its own way, and must not pull the words around it along.
            details = {key: f"\u2068{value}\u2069" for key, value in details.items()}
        return sentence.format_map(_Blank(details))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
