"""The record of security events, and the sentence that each of them says to people."""

from datetime import datetime, timedelta
from typing import Final

from app.core.clock import Clock
from app.core.ids import new_id
from auth.events.models import SecurityEventDocument
from auth.events.repository import SecurityEventRepository
from auth.web import Peer

KEPT: Final = timedelta(days=730)

TEXTS: Final[dict[str, str]] = {
    "identity_created": "Account created",
    "signed_in": "Signed in with {method}",
    "stepped_up": "Confirmed with {method}",
    "signed_out": "Signed out",
    "session_ended": "A session was ended",
    "app_disconnected": "{client} was disconnected",
    "sessions_ended": "All other sessions were ended",
    "method_added": "Sign-in method added: {method}",
    "method_removed": "Sign-in method removed: {method}",
    "contact_changed": "E-mail address changed",
    "contact_change_undone": "Change of the e-mail address undone",
    "accounts_merged": "Two accounts became one",
    "accounts_separated": "Two accounts were separated again",
    "roles_changed": "Staff roles changed to {roles}",
    "client_authorized": "{client} was connected",
    "refresh_reuse": "A copied sign-in of {client} was used and has been ended",
    "code_reuse": "A sign-in of {client} was replayed and has been ended",
    "transfer_reuse": "A session transfer was used twice",
    "staff_disabled": "Refused from now on: {reason}",
    "staff_enabled": "May sign in again",
    "support_note": "Looked after by the staff",
    "till_paired": "Till {till} paired",
    "till_disabled": "Till {till} disabled",
}


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
    def text(event: SecurityEventDocument) -> str:
        """The event as a short sentence."""
        return TEXTS.get(event["type"], event["type"].replace("_", " ")).format_map(_Blank(event["detail"]))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
