"""Changing the address that an identity signs in with: proved by a code, told to the old address, undone for a week."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable

from app.core.clock import Clock
from auth.codes.service import CodeService
from auth.contacts.repository import ContactChangeRepository
from auth.errors import WebRefused
from auth.events.service import SecurityEvents
from auth.grants.service import GrantService
from auth.identities.errors import MethodTaken
from auth.identities.service import IdentityService
from auth.policy import AuthPolicy
from auth.sessions.models import SessionDocument
from auth.sessions.service import SessionService
from auth.signin.notices import Notices
from auth.signin.proofs import WrongCode
from auth.web import Peer

EmailChanged = Callable[[str, str], Awaitable[None]]


class ContactService:
    """Changes of the e-mail address. Hooks get identity and new address, so that the member's record follows."""

    def __init__(
        self,
        repository: ContactChangeRepository,
        *,
        codes: CodeService,
        identities: IdentityService,
        sessions: SessionService,
        grants: GrantService,
        events: SecurityEvents,
        notices: Notices,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._repository = repository
        self._codes = codes
        self._identities = identities
        self._sessions = sessions
        self._grants = grants
        self._events = events
        self._notices = notices
        self._clock = clock
        self._policy = policy
        self._hooks: list[EmailChanged] = []

    def on_change(self, hook: EmailChanged) -> None:
        """Call the hook with (identity id, address) after every change and undo."""
        self._hooks.append(hook)

    async def begin(self, session: SessionDocument, email: str, peer: Peer, language: str) -> None:
        """Send a code to the new address; says nothing about whether anybody uses it."""
        await self._codes.send(email, "contact", peer, language, session["identity_id"])

    async def finish(self, session: SessionDocument, email: str, code: str, peer: Peer) -> None:
        """Change the address, end the other sessions, tell the old address. Raises WrongCode, WebRefused."""
        identity_id = session["identity_id"]
        if not await self._codes.check(email, "contact", code, peer, identity_id):
            raise WrongCode
        old = await self._identities.email_of(identity_id)
        try:
            if old is None:
                await self._identities.add_method(identity_id, "email", email, email, peer=peer)
            else:
                await self._identities.change_email(identity_id, old, email)
        except MethodTaken:
            raise WebRefused("taken", "This address already belongs to another account.", field="email") from None
        await self._changed(identity_id, email)
        await self._events.record(identity_id, "contact_changed", peer=peer)
        await self._sessions.end_all(identity_id, keep=session["_id"], peer=peer)
        if old is not None and old != email:
            await self._notices.address_changed(identity_id, old, email, await self.offer_undo(identity_id, old, email))

    async def can_undo(self, token: str) -> bool:
        """Whether the link of the mail still works; looking uses nothing up, as mail scanners look too."""
        return await self._repository.exists(_digest(token), self._clock.now())

    async def undo(self, token: str, peer: Peer) -> bool:
        """Put the old address back and end everything that is signed in; False when it is too late."""
        change = await self._repository.take(_digest(token), self._clock.now())
        if change is None:
            return False
        identity_id = change["identity_id"]
        current = await self._identities.email_of(identity_id)
        if current is None:
            return False
        try:
            await self._identities.change_email(identity_id, current, change["old"])
        except MethodTaken:
            return False
        await self._changed(identity_id, change["old"])
        await self._events.record(identity_id, "contact_change_undone", peer=peer)
        await self._sessions.end_all(identity_id, peer=peer)
        await self._grants.revoke({"identity_id": identity_id}, "contact_change_undone")
        return True

    async def _changed(self, identity_id: str, email: str) -> None:
        await self._sessions.set_email(identity_id, email)
        for hook in self._hooks:
            await hook(identity_id, email)

    async def offer_undo(self, identity_id: str, old: str, new: str) -> str:
        """Keep how to undo a change for a week; the address of the page that does it."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        await self._repository.add(
            {
                "_id": _digest(token),
                "identity_id": identity_id,
                "old": old,
                "new": new,
                "changed_at": now,
                "expires_at": now + self._policy.undo_contact,
            }
        )
        return f"{self._policy.issuer}/contact/undo?token={token}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
