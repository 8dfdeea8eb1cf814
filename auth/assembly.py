"""Everything of sign-in, built once from what the rest of the service gives it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import httpx2 as httpx

from app.core.clock import Clock
from app.core.database import Database, Index
from app.core.jobs import Job
from app.core.limits import Limiter
from app.core.outbox import Outbox
from app.core.settings import Settings
from auth.access import Authenticator
from auth.authorizations import repository as authorization_storage
from auth.authorizations.service import AuthorizationCodes
from auth.backchannel.service import BackchannelLogout
from auth.clients import repository as client_storage
from auth.clients.authentication import ClientAuthenticator
from auth.clients.service import ClientService
from auth.codes import repository as code_storage
from auth.codes.service import CodeService
from auth.consents import repository as consent_storage
from auth.contacts import repository as contact_storage
from auth.contacts.service import ContactService
from auth.events import repository as event_storage
from auth.events.service import SecurityEvents
from auth.federation import repository as attempt_storage
from auth.federation.models import PROVIDERS, OutsideProvider
from auth.federation.service import FederationService
from auth.grants import repository as grant_storage
from auth.grants.models import GrantDocument
from auth.grants.service import GrantService
from auth.identities import repository as identity_storage
from auth.identities.models import MethodDocument
from auth.identities.service import IdentityService
from auth.identities.staff import StaffService
from auth.interactions import repository as interaction_storage
from auth.interactions.service import Interactions
from auth.keys import repository as key_storage
from auth.keys.service import KeyService
from auth.outside import OutsideAddresses
from auth.pages.rendering import Brand, Pages
from auth.passkeys import repository as challenge_storage
from auth.passkeys.service import PasskeyService
from auth.policy import AuthPolicy
from auth.ports import Mailer, MemberDirectory, StoreDirectory
from auth.provider.access_tokens import AccessTokens
from auth.provider.dpop import DPoPProofs
from auth.provider.id_tokens import IdTokens
from auth.replay import repository as replay_storage
from auth.sessions import repository as session_storage
from auth.sessions.cookie import SessionCookie
from auth.sessions.models import SessionDocument
from auth.sessions.service import SessionService
from auth.signin.browser import BrowserSessions
from auth.signin.notices import Notices
from auth.signin.proofs import SignIn
from auth.tills import repository as pairing_storage
from auth.tills.service import TillPairings, TillService
from auth.transfers import repository as transfer_storage
from auth.transfers.service import SessionTransfers
from auth.web import Peer

INDEXES: Mapping[str, Sequence[Index]] = {
    **authorization_storage.INDEXES,
    **challenge_storage.INDEXES,
    **contact_storage.INDEXES,
    **transfer_storage.INDEXES,
    **client_storage.INDEXES,
    **code_storage.INDEXES,
    **consent_storage.INDEXES,
    **event_storage.INDEXES,
    **attempt_storage.INDEXES,
    **grant_storage.INDEXES,
    **identity_storage.INDEXES,
    **interaction_storage.INDEXES,
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
        outbox: Outbox,
        mailer: Mailer,
        members: MemberDirectory,
        stores: StoreDirectory,
        policy: AuthPolicy | None = None,
        providers: Sequence[OutsideProvider] | None = None,
        allowed_outside: frozenset[str] = frozenset(),
    ) -> None:
        self.policy = policy or AuthPolicy.of(settings)
        self.clock = clock
        self.limiter = limiter
        self.members = members
        self.cookie = SessionCookie(secure=self.policy.secure_cookies)
        self.events = SecurityEvents(event_storage.SecurityEventRepository(database), clock)
        identities = identity_storage.IdentityRepository(database)
        self.identities = IdentityService(identities, self.events, clock)
        self.sessions = SessionService(session_storage.SessionRepository(database), self.events, clock, self.policy)
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
        self.staff = StaffService(identities, self.sessions, self.grants, self.events, clock)
        replay = replay_storage.ReplayGuard(database)
        clients = client_storage.ClientRepository(database)
        self._http = httpx.AsyncClient(headers={"User-Agent": "Stampbook"}, trust_env=False)
        if providers is None:
            providers = PROVIDERS.validate_json(settings.identity_providers.get_secret_value() or "[]")
        trusted = frozenset("/".join(provider.issuer.split("/")[:3]) for provider in providers)
        self.outside = OutsideAddresses(self._http, allowed_outside | trusted)
        self.clients = ClientService(clients, self.outside, clock)
        self.client_storage = clients
        self.consents = consent_storage.ConsentRepository(database)
        self.interactions = Interactions(
            interaction_storage.InteractionRepository(database),
            clock,
            self.policy,
            settings.derive_key("auth: forms"),
        )
        self.authorizations = AuthorizationCodes(
            authorization_storage.AuthorizationCodeRepository(database),
            self.grants,
            self.sessions,
            self.events,
            clock,
            self.policy,
        )
        self.id_tokens = IdTokens(self.keys, clock, self.policy)
        self.brand = Brand()
        self.pages = Pages(self.brand)
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
        self.notices = Notices(mailer, self.identities, members, self.policy.issuer)
        self.federation = FederationService(
            providers,
            attempt_storage.AttemptRepository(database),
            outside=self.outside,
            identities=self.identities,
            sessions=self.sessions,
            replay=replay,
            clock=clock,
            policy=self.policy,
        )
        self.sign_in = SignIn(
            codes=self.codes,
            identities=self.identities,
            sessions=self.sessions,
            browser=self.browser,
            members=members,
            notices=self.notices,
        )
        self.authenticator = Authenticator(
            sessions=self.sessions,
            grants=self.grants,
            clients=clients,
            identities=self.identities,
            tokens=self.tokens,
            proofs=self.proofs,
            members=members,
            cookie=self.cookie,
            clock=clock,
            policy=self.policy,
        )
        self.passkeys = PasskeyService(
            challenge_storage.ChallengeRepository(database), self.identities, clock, self.policy, self.brand
        )
        self.transfers = SessionTransfers(
            transfer_storage.TransferRepository(database),
            self.grants,
            self.identities,
            self.sessions,
            self.events,
            self.browser,
            clock,
            self.policy,
        )
        self.contacts = ContactService(
            contact_storage.ContactChangeRepository(database),
            codes=self.codes,
            identities=self.identities,
            sessions=self.sessions,
            grants=self.grants,
            events=self.events,
            notices=self.notices,
            clock=clock,
            policy=self.policy,
        )
        self.sessions.on_end(self._end_grants)
        self.grants.on_revoke(self._end_children)
        self.grants.on_revoke(BackchannelLogout(clients, self.outside, self.id_tokens, outbox).announce)

    async def start(self) -> None:
        """Load the signing keys, making the first ones if need be."""
        await self.keys.start()

    async def stop(self) -> None:
        """Close the connections to the outside."""
        await self._http.aclose()

    def jobs(self) -> list[Job]:
        """What repeats: moving the signing keys on."""
        return [Job("auth-keys", timedelta(hours=1), self.keys.rotate)]

    async def members_merged(self, survivor: str | None, merged: str | None, *, member_id: str, actor: str) -> None:
        """Let whoever signs in as a merged member (`merged`) be the remaining one (`survivor`, `member_id`).

        Either may have nobody who signs in. Doing it again does nothing more.
        """
        if merged is not None and survivor is None:
            await self.member_changed(merged, member_id)
        elif merged is not None and survivor is not None:
            await self.merge_identities(survivor, merged, actor=actor)

    async def members_parted(self, survivor: str | None, freed: str | None, *, member_id: str, actor: str) -> None:
        """Let whoever signed in as a member that was merged (`freed`, `member_id`) be that member again.

        Either may have nobody who signs in. Doing it again does nothing more.
        """
        if freed is not None and survivor is None:
            await self.member_changed(freed, member_id)
        elif freed is not None and survivor is not None:
            await self.unmerge_identities(survivor, freed, actor=actor)

    async def merge_identities(self, survivor: str, merged: str, *, actor: str) -> None:
        """Make two identities one: the merged one's methods sign in as the survivor, and its old `sub` resolves.

        Its sessions end, and every address of both is told. Doing it again does nothing more.
        """
        found = await self.identities.by_id(merged)
        if found is None or found["_id"] == survivor:
            return
        await self.identities.merge(survivor, merged, actor=actor)
        await self._end_everything(merged, "merged", actor)
        await self.notices.accounts_merged(survivor)

    async def unmerge_identities(self, survivor: str, freed: str, *, actor: str) -> None:
        """Undo a merge: each signs in to its own account again. Doing it again does nothing more.

        All sessions end, as nobody can tell which of the two opened them.
        """
        found = await self.identities.by_id(freed)
        if found is None or found["_id"] != survivor:
            return
        await self.identities.unmerge(survivor, freed, actor=actor)
        await self._end_everything(survivor, "separated", actor)

    async def remove_method(self, identity_id: str, method_id: str, peer: Peer | None) -> None:
        """Remove a way to sign in and tell the person. Raises UnknownMethod, LastMethod."""
        removed = await self.identities.remove_method(identity_id, method_id, peer)
        if removed["type"] == "email":
            # Codes for a fresh proof go to an address that still signs in.
            await self.sessions.set_email(identity_id, await self.identities.email_of(identity_id))
        await self._tell_of(identity_id, removed)

    async def remove_passkey(self, identity_id: str, method_id: str, *, actor: str, peer: Peer | None) -> None:
        """Take a lost passkey away for somebody, end the sessions, and tell the person.

        Raises UnknownMethod, LastMethod.
        """
        removed = await self.identities.remove_method(identity_id, method_id, peer, actor=actor, only="passkey")
        await self.sessions.end_all(identity_id, actor=actor, peer=peer)
        await self._tell_of(identity_id, removed)

    async def disable_client(self, client_id: str) -> bool:
        """Refuse a client and end every grant that it has; returns whether there is one."""
        if not await self.clients.disable(client_id):
            return False
        await self.grants.revoke({"client_id": client_id}, "client_disabled")
        return True

    async def member_changed(self, identity_id: str, member_id: str | None) -> None:
        """Which member an identity is has changed (a merge, an undone merge): its open sessions follow at once."""
        await self.sessions.set_member(identity_id, member_id)
        await self.grants.set_member(identity_id, member_id)

    async def emergency(self) -> int:
        """A signing key or the root secret leaked: new keys, and every grant ends; returns how many did."""
        await self.keys.replace_all()
        return await self.grants.revoke({}, "emergency")

    async def _end_everything(self, identity_id: str, reason: str, actor: str) -> None:
        await self.sessions.end_all(identity_id, actor=actor)
        await self.grants.revoke({"identity_id": identity_id}, reason)

    async def _tell_of(self, identity_id: str, removed: MethodDocument) -> None:
        also = removed["key"] if removed["type"] == "email" and removed["verified_at"] else None
        await self.notices.method_removed(identity_id, removed["label"], also)

    async def _end_children(self, revoked: Sequence[GrantDocument]) -> None:
        await self.sessions.end_children([grant["_id"] for grant in revoked])
        for grant in revoked:
            if grant["revoked_reason"] == "refresh_reuse":
                await self.notices.refresh_reused(grant["identity_id"], grant["client_name"])

    async def _end_grants(self, ended: Sequence[SessionDocument]) -> None:
        await self.grants.revoke_of_sessions([session["_id"] for session in ended])
