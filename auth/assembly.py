"""Everything of sign-in, built once from what the rest of the service gives it."""

from collections.abc import Mapping, Sequence

from app.core.clock import Clock
from app.core.database import Database, Index
from app.core.limits import Limiter
from app.core.settings import Settings
from auth.access import Authenticator
from auth.clients import repository as client_storage
from auth.clients.authentication import ClientAuthenticator
from auth.codes import repository as code_storage
from auth.codes.service import CodeService
from auth.events import repository as event_storage
from auth.events.service import SecurityEvents
from auth.grants import repository as grant_storage
from auth.grants.service import GrantService
from auth.identities import repository as identity_storage
from auth.identities.service import IdentityService
from auth.identities.staff import StaffService
from auth.keys import repository as key_storage
from auth.keys.service import KeyService
from auth.policy import AuthPolicy
from auth.ports import Mailer, MemberDirectory, StoreDirectory
from auth.provider.access_tokens import AccessTokens
from auth.provider.dpop import DPoPProofs
from auth.replay import repository as replay_storage
from auth.sessions import repository as session_storage
from auth.sessions.cookie import SessionCookie
from auth.sessions.models import SessionDocument
from auth.sessions.service import SessionService
from auth.signin.endpoints import BrowserSessions
from auth.tills import repository as pairing_storage
from auth.tills.service import TillPairings, TillService

INDEXES: Mapping[str, Sequence[Index]] = {
    **client_storage.INDEXES,
    **code_storage.INDEXES,
    **event_storage.INDEXES,
    **grant_storage.INDEXES,
    **identity_storage.INDEXES,
    **key_storage.INDEXES,
    **pairing_storage.INDEXES,
    **replay_storage.INDEXES,
    **session_storage.INDEXES,
}


class Auth:
    """The services of sign-in; `start` before the first request."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        limiter: Limiter,
        mailer: Mailer,
        members: MemberDirectory,
        stores: StoreDirectory,
        policy: AuthPolicy | None = None,
    ) -> None:
        self.policy = policy or AuthPolicy.of(settings)
        self.limiter = limiter
        self.members = members
        self.cookie = SessionCookie(secure=self.policy.secure_cookies)
        self.events = SecurityEvents(event_storage.SecurityEventRepository(database), clock)
        identities = identity_storage.IdentityRepository(database)
        self.identities = IdentityService(identities, self.events, clock)
        self.sessions = SessionService(session_storage.SessionRepository(database), self.events, clock, self.policy)
        self.staff = StaffService(identities, self.sessions, self.events, clock)
        self.codes = CodeService(
            code_storage.CodeRepository(database),
            limiter,
            mailer,
            clock,
            self.policy,
            settings.derive_key("auth: one-time codes"),
        )
        self.keys = KeyService(
            key_storage.KeyRepository(database), clock, self.policy, settings.derive_key("auth: signing keys")
        )
        self.grants = GrantService(
            grant_storage.GrantRepository(database),
            self.events,
            clock,
            self.policy,
            settings.derive_key("auth: refresh tokens"),
        )
        replay = replay_storage.ReplayGuard(database)
        clients = client_storage.ClientRepository(database)
        self.client_authenticator = ClientAuthenticator(clients, replay, clock, self.policy)
        self.tokens = AccessTokens(self.keys, clock, self.policy)
        self.proofs = DPoPProofs(replay, clock, self.policy)
        self.pairings = TillPairings(
            pairing_storage.PairingRepository(database),
            clients,
            stores,
            self.events,
            clock,
            self.policy,
            settings.derive_key("auth: till pairings"),
        )
        self.tills = TillService(clients, self.events)
        self.browser = BrowserSessions(self.sessions, self.cookie, self.policy)
        self.authenticator = Authenticator(
            sessions=self.sessions,
            grants=self.grants,
            clients=clients,
            tokens=self.tokens,
            proofs=self.proofs,
            members=members,
            cookie=self.cookie,
            clock=clock,
            policy=self.policy,
        )
        self.sessions.on_end(self._end_grants)

    async def start(self) -> None:
        """Load the signing keys, making the first ones if need be."""
        await self.keys.start()

    async def emergency(self) -> int:
        """A signing key or the root secret leaked: new keys, and every grant ends; returns how many did."""
        await self.keys.replace_all()
        return await self.grants.revoke({}, "emergency")

    async def _end_grants(self, ended: Sequence[SessionDocument]) -> None:
        await self.grants.revoke_of_sessions([session["_id"] for session in ended])
