"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0), through the outbox."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.outbox import Outbox
from auth.clients.repository import ClientRepository
from auth.grants.models import GrantDocument
from auth.outside import OutsideAddresses
from auth.provider.id_tokens import IdTokens

KIND: Final = "backchannel_logout"


class LogoutNotConfirmed(Exception):
    """The client did not confirm the logout; the outbox tries again."""


class BackchannelLogout:
    """Tells the clients of ended grants, at least once, retried for days."""

    def __init__(
        self, clients: ClientRepository, outside: OutsideAddresses, id_tokens: IdTokens, outbox: Outbox
    ) -> None:
        self._clients = clients
        self._outside = outside
        self._id_tokens = id_tokens
        self._outbox = outbox
        outbox.register(KIND, self._deliver)

    async def announce(self, ended: Sequence[GrantDocument]) -> None:
        """Queue a logout token for each ended grant whose client wants one."""
        for grant in ended:
            client = await self._clients.by_id(grant["client_id"])
            if client is not None and client["backchannel_logout_uri"] is not None:
                payload = {"client_id": client["_id"], "subject": grant["identity_id"], "sid": grant["_id"]}
                await self._outbox.add(KIND, f"logout:{client['_id']}", payload, message_id=f"logout:{grant['_id']}")

    async def _deliver(self, payload: Mapping[str, Any]) -> None:
        """Send one logout token, made now so that a late delivery is not a stale token."""
        client = await self._clients.by_id(payload["client_id"])
        if client is None or client["backchannel_logout_uri"] is None:
            return
        token = await self._id_tokens.logout_token(
            client_id=client["_id"], subject=payload["subject"], sid=payload["sid"]
        )
        answer = await self._outside.request("POST", client["backchannel_logout_uri"], form={"logout_token": token})
        if answer.status_code not in (200, 204):
            raise LogoutNotConfirmed(f"{client['_id']} answered {answer.status_code}")
