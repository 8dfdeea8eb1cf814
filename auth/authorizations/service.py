"""Issuing and redeeming authorization codes."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.core import base64url
from app.core.clock import Clock
from app.core.ids import new_id
from auth.authorizations.models import AuthorizationCodeDocument
from auth.authorizations.repository import AuthorizationCodeRepository
from auth.clients.models import ClientDocument
from auth.errors import InvalidGrant
from auth.events.service import SecurityEvents
from auth.grants.models import GrantDocument
from auth.grants.service import Authentication, GrantService
from auth.interactions.models import AuthorizationRequest
from auth.policy import AuthPolicy
from auth.sessions.models import SessionDocument
from auth.sessions.service import SessionService, level_at
from auth.web import Peer

# A replay must be seen for as long as what the code became can do harm unnoticed.
_REMEMBERED: Final = timedelta(minutes=10)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class AuthorizationCodes:
    """Codes that become grants."""

    def __init__(
        self,
        repository: AuthorizationCodeRepository,
        grants: GrantService,
        sessions: SessionService,
        events: SecurityEvents,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._repository = repository
        self._grants = grants
        self._sessions = sessions
        self._events = events
        self._clock = clock
        self._policy = policy

    async def issue(self, request: AuthorizationRequest, session: SessionDocument) -> str:
        """A code for a request that a signed-in person agreed to."""
        now = self._clock.now()
        code = secrets.token_urlsafe(32)
        expires = now + self._policy.authorization_code
        await self._repository.add(
            {
                "_id": _digest(code),
                "client_id": request["client_id"],
                "redirect_uri": request["redirect_uri"],
                "scopes": request["scopes"],
                "nonce": request["nonce"],
                "challenge": request["challenge"],
                "jkt": request["jkt"],
                "grant_id": new_id("fam"),
                "identity_id": session["identity_id"],
                "session_id": session["_id"],
                "member_id": session["member_id"],
                "method": session["method"],
                "level": level_at(session, now, self._policy.step_up_fresh),
                "auth_time": session["auth_time"],
                "expires_at": expires,
                "used_at": None,
                "replayed": False,
                "purge_at": expires + _REMEMBERED,
            }
        )
        return code

    async def redeem(
        self, form: Mapping[str, str], client: ClientDocument, jkt: str | None, peer: Peer
    ) -> GrantDocument:
        """The grant that a code becomes, for one caller only. Raises InvalidGrant.

        A second use revokes what the first one got (RFC 6749 section 4.1.2), also when both come at once: whoever
        comes second notes the replay and then revokes; the first one, having stored the grant, looks for the note.
        """
        code_id = _digest(form.get("code", ""))
        code = await self._repository.find(code_id)
        now = self._clock.now()
        if code is None or code["client_id"] != client["_id"]:
            raise InvalidGrant
        self._check(code, form, jkt)
        if not await self._repository.use(code_id, now):
            await self._replayed(code, client, peer)
            raise InvalidGrant
        if await self._sessions.open_by_id(code["session_id"]) is None:
            raise InvalidGrant("the session has ended")
        who = Authentication(
            code["identity_id"],
            code["session_id"],
            code["member_id"],
            code["method"],
            code["level"],
            code["auth_time"],
        )
        grant = await self._grants.make(
            client, who, code["scopes"], peer, grant_id=code["grant_id"], nonce=code["nonce"], jkt=jkt
        )
        noted = await self._repository.find(code_id)
        if noted is not None and noted["replayed"]:
            await self._replayed(code, client, peer)
        await self._events.record(grant["identity_id"], "client_authorized", peer=peer, client=client["name"])
        return grant

    def _check(self, code: AuthorizationCodeDocument, form: Mapping[str, str], jkt: str | None) -> None:
        if code["redirect_uri"] != form.get("redirect_uri"):
            raise InvalidGrant
        verifier = form.get("code_verifier")
        if (code["challenge"] is None) != (verifier is None):
            raise InvalidGrant
        if verifier is not None and not (_VERIFIER.fullmatch(verifier) and _fits(verifier, str(code["challenge"]))):
            raise InvalidGrant
        if code["jkt"] is not None and code["jkt"] != jkt:
            raise InvalidGrant

    async def _replayed(self, code: AuthorizationCodeDocument, client: ClientDocument, peer: Peer) -> None:
        if not await self._repository.note_replay(code["_id"]):
            return
        if await self._grants.revoke({"_id": code["grant_id"]}, "code_reuse"):
            actor = f"client:{client['_id']}"
            await self._events.record(code["identity_id"], "code_reuse", actor=actor, peer=peer, client=client["name"])


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _fits(verifier: str, challenge: str) -> bool:
    made = base64url.encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(made, challenge)
