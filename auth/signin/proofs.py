"""What happens once an address is proved: find or make the identity, end what a hijacker prepared, open the session."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from auth.codes.service import CodeService
from auth.errors import WebRefused
from auth.identities.models import IdentityDocument
from auth.identities.service import IdentityService
from auth.interactions.models import PendingLink
from auth.ports import MemberDirectory
from auth.sessions.models import SessionDocument, Upstream
from auth.sessions.service import Opened, SessionService
from auth.signin.browser import BrowserSessions
from auth.signin.notices import Notices
from auth.web import Peer, peer_of


class WrongCode(WebRefused):
    """The code is wrong, used up or too old; which of them is not said."""

    def __init__(self) -> None:
        message = "That code is not right, or it is too old. Check the newest mail, or ask for a new code."
        super().__init__("wrong_code", message, field="code")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just opened."""

    opened: Opened
    identity: IdentityDocument
    new: bool


class SignIn:
    """Turns proofs into sessions."""

    def __init__(
        self,
        *,
        codes: CodeService,
        identities: IdentityService,
        sessions: SessionService,
        browser: BrowserSessions,
        members: MemberDirectory,
        notices: Notices,
    ) -> None:
        self._codes = codes
        self._identities = identities
        self._sessions = sessions
        self._browser = browser
        self._members = members
        self._notices = notices

    async def by_code(self, request: Request, email: str, code: str, pending: PendingLink | None = None) -> SignedIn:
        """Sign in, or up, with a code sent to the (normalised) address. Raises WrongCode, RateLimited.

        An outside account that was `pending` is linked to whoever proved the address. Raises MethodTaken.
        """
        peer = peer_of(request)
        if not await self._codes.check(email, "sign-in", code, peer):
            raise WrongCode
        proved = await self._identities.prove_email(email, peer)
        if proved.evicted is not None:
            await self._sessions.end_all(proved.evicted, actor="system:pre-hijack")
        upstream: Upstream | None = None
        if pending is not None:
            await self._identities.add_method(
                proved.identity["_id"],
                "federated",
                pending["key"],
                pending["label"],
                peer=peer,
                provider=pending["provider"],
            )
            await self._notices.method_added(proved.identity["_id"], pending["label"])
            upstream = {"issuer": pending["issuer"], "subject": pending["subject"], "sid": pending["sid"]}
        opened = await self.open(request, proved.identity, "email", email=email, upstream=upstream)
        return SignedIn(opened, proved.identity, proved.new)

    async def open(self, request: Request, identity: IdentityDocument, method: Any, **details: Any) -> Opened:
        """Open this browser's session for an identity, which may find a membership waiting for its address."""
        email = details.get("email")
        if email and not identity["roles"] and await self._members.by_identity(identity["_id"]) is None:
            await self._members.adopt(identity["_id"], email)
        previous = await self._browser.current(request)
        return await self._sessions.open(identity, method, peer_of(request), previous=previous, **details)

    async def step_up_by_code(self, session: SessionDocument, code: str, peer: Peer) -> Opened:
        """Renew a session with a code sent to its own address. Raises WrongCode, RateLimited."""
        email = session["email"]
        if email is None or not await self._codes.check(email, "step-up", code, peer, session["identity_id"]):
            raise WrongCode
        opened = await self._sessions.step_up(session, "email", peer)
        if opened is None:
            raise WrongCode
        return opened
