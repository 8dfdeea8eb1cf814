"""Session transfer: a native app signs the web view that it opens in.

The app trades its refresh token for a value by token exchange (RFC 8693); the web view posts the value, never in a
URL, and gets a session that lives a day at most and ends with the app's own.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.clock import Clock
from auth.clients.models import ClientDocument
from auth.clients.redirects import local_path
from auth.errors import CrossSite, InvalidGrant, OAuthRefused, WebRefused
from auth.events.service import SecurityEvents
from auth.grants.service import GrantService
from auth.identities.service import IdentityService
from auth.policy import AuthPolicy
from auth.sessions.service import SessionService
from auth.signin.browser import BrowserSessions
from auth.transfers.repository import TransferRepository
from auth.web import peer_of, read_form

TRANSFER_TYPE: Final = "urn:stampbook:params:oauth:token-type:session-transfer"
REFRESH_TYPE: Final = "urn:ietf:params:oauth:token-type:refresh_token"
OWN_WEB: Final = "wallet"
"""The target that means our own site; the only one whose sessions we keep."""


class SessionTransfers:
    """Makes transfer values and takes them."""

    def __init__(
        self,
        repository: TransferRepository,
        grants: GrantService,
        identities: IdentityService,
        sessions: SessionService,
        events: SecurityEvents,
        browser: BrowserSessions,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._repository = repository
        self._grants = grants
        self._identities = identities
        self._sessions = sessions
        self._events = events
        self._browser = browser
        self._clock = clock
        self._policy = policy

    async def exchange(
        self, request: Request, form: Mapping[str, str], client: ClientDocument, jkt: str | None
    ) -> dict[str, Any]:
        """The token exchange: a live refresh token of the calling client for a transfer value."""
        if form.get("subject_token_type") != REFRESH_TYPE or form.get("requested_token_type") != TRANSFER_TYPE:
            raise OAuthRefused("invalid_request", "only a refresh token can be exchanged, for a session transfer")
        if form.get("audience", OWN_WEB) != OWN_WEB:
            raise OAuthRefused("invalid_target", "there is no such audience to transfer to")
        grant = await self._grants.is_current(form.get("subject_token", ""))
        if grant is None or grant["client_id"] != client["_id"] or (grant["jkt"] and grant["jkt"] != jkt):
            raise InvalidGrant
        value = secrets.token_urlsafe(32)
        expires = self._clock.now() + self._policy.transfer
        await self._repository.add(
            {
                "_id": _digest(value),
                "grant_id": grant["_id"],
                "identity_id": grant["identity_id"],
                "target": OWN_WEB,
                "expires_at": expires,
                "used_at": None,
                "purge_at": expires + timedelta(days=1),
            }
        )
        return {
            "access_token": value,
            "issued_token_type": TRANSFER_TYPE,
            "token_type": "N_A",
            "expires_in": int(self._policy.transfer.total_seconds()),
        }

    async def take(self, request: Request) -> Response:
        """`POST /session/transfer` {transfer, return_to?}: a web view's session.

        Refuses other sites, which could otherwise sign a browser in as somebody else. A second use ends the session
        that the first one opened and is recorded, as one of the two was not the app.
        """
        site = request.headers.get("sec-fetch-site", "none")
        origin = request.headers.get("origin", "null")
        if site not in ("none", "same-origin") or origin not in ("null", self._policy.issuer):
            raise CrossSite
        form = await read_form(request)
        transfer_id = _digest(form.get("transfer", ""))
        used = await self._repository.use(transfer_id, OWN_WEB, self._clock.now())
        transfer = await self._repository.find(transfer_id)
        grant = await self._grants.live(transfer["grant_id"]) if transfer else None
        if transfer is not None and not used and transfer["used_at"] is not None:
            await self._sessions.end_children([transfer["grant_id"]])
            await self._events.record(transfer["identity_id"], "transfer_reuse", peer=peer_of(request))
        identity = await self._identities.by_id(transfer["identity_id"]) if transfer else None
        if not used or grant is None or identity is None:
            raise WebRefused("invalid_transfer", "This link has expired. Go back to the app and try again.")
        opened = await self._sessions.open(
            identity,
            "transfer",
            peer_of(request),
            email=await self._identities.email_of(identity["_id"]),
            previous=await self._browser.current(request),
            parent=grant["_id"],
        )
        response = RedirectResponse(local_path(form.get("return_to")), 303)
        self._browser.give(response, opened)
        return response


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
