"""Signing in with an outside provider, and the rules by which its accounts become ours.

An address that two accounts share links nothing by itself: whoever wants to link proves the address or the account.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from app.core import base64url
from app.core.clock import Clock
from auth.federation.client import OutsideClient, OutsideFailed
from auth.federation.models import AttemptDocument, OutsideClaims, OutsideProvider, pending_of
from auth.federation.repository import AttemptRepository
from auth.identities.models import IdentityDocument
from auth.identities.service import IdentityService, normalise_email
from auth.interactions.models import PendingLink
from auth.outside import OutsideAddresses
from auth.policy import AuthPolicy
from auth.replay.repository import ReplayGuard
from auth.sessions.cookie import digest
from auth.sessions.service import SessionService
from auth.web import Peer

_ATTEMPT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the cookie that must come back with it."""

    url: str
    state: str
    binding: str
    cross_site_post: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of an attempt: an identity that may sign in, or a link that waits for an address to be proved."""

    attempt: AttemptDocument
    pending: PendingLink
    identity: IdentityDocument | None
    email: str | None


class FederationService:
    """The configured outside providers."""

    def __init__(
        self,
        providers: Sequence[OutsideProvider],
        repository: AttemptRepository,
        *,
        outside: OutsideAddresses,
        identities: IdentityService,
        sessions: SessionService,
        replay: ReplayGuard,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self.providers = tuple(providers)
        self._clients = {provider.id: OutsideClient(provider, outside, clock) for provider in providers}
        self._repository = repository
        self._identities = identities
        self._sessions = sessions
        self._replay = replay
        self._clock = clock
        self._policy = policy

    async def depart(
        self,
        provider_id: str,
        *,
        interaction_id: str | None = None,
        link_to: str | None = None,
        return_to: str = "/",
    ) -> Departure:
        """Begin an attempt of its own state; raises OutsideFailed."""
        client = self._client(provider_id)
        metadata = await client.metadata()
        state, binding, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(4))
        provider = client.provider
        await self._repository.add(
            {
                "_id": digest(state),
                "provider": provider.id,
                "issuer": provider.issuer,
                "binding": digest(binding),
                "verifier": verifier,
                "nonce": nonce,
                "interaction_id": interaction_id,
                "link_to": link_to,
                "return_to": return_to,
                "expires_at": self._clock.now() + _ATTEMPT,
            }
        )
        challenge = base64url.encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": self.redirect_uri(provider.id),
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if provider.response_mode != "query":
            query["response_mode"] = provider.response_mode
        endpoint = metadata["authorization_endpoint"]
        url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
        return Departure(url, state, binding, provider.response_mode == "form_post")

    async def arrive(self, provider_id: str, answer: Mapping[str, str], binding: str, peer: Peer) -> Arrival:
        """Finish the attempt that this browser began. Raises OutsideFailed before anything is sent anywhere when the
        state is not this browser's or the issuer is not the one we went to (mix-up, RFC 9207).
        """
        client = self._client(provider_id)
        state = answer.get("state", "")
        attempt = await self._repository.take(digest(state), provider_id, digest(binding), self._clock.now())
        if attempt is None:
            raise OutsideFailed("this browser did not begin that sign-in")
        metadata = await client.metadata()
        promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", None if promised else attempt["issuer"]) != attempt["issuer"]:
            raise OutsideFailed("the answer comes from another provider")
        if "code" not in answer:
            raise OutsideFailed(f"the provider answered {answer.get('error', 'nothing')}")
        claims = await client.redeem(
            answer["code"], self.redirect_uri(provider_id), attempt["verifier"], attempt["nonce"]
        )
        pending = pending_of(client.provider, claims)
        identity, email = await self._identity_of(client.provider, claims, pending, attempt, peer)
        return Arrival(attempt, pending, identity, email)

    async def end(self, provider_id: str, logout_token: str) -> int:
        """End the sessions that a logout token names; raises OutsideFailed, also for a replay."""
        client = self._client(provider_id)
        claims, until = await client.read_logout_token(logout_token)
        issuer = client.provider.issuer
        if not await self._replay.first_use("logout", issuer, str(claims["jti"]), until):
            raise OutsideFailed("the logout token was used before")
        sid, subject = claims.get("sid"), claims.get("sub")
        return await self._sessions.end_upstream(
            issuer, sid=sid if isinstance(sid, str) else None, subject=subject if isinstance(subject, str) else None
        )

    def redirect_uri(self, provider_id: str) -> str:
        """Each provider's own callback."""
        return f"{self._policy.issuer}/login/idp/{provider_id}/callback"

    async def _identity_of(
        self,
        provider: OutsideProvider,
        claims: OutsideClaims,
        pending: PendingLink,
        attempt: AttemptDocument,
        peer: Peer,
    ) -> tuple[IdentityDocument | None, str | None]:
        """The identity that may sign in now; None when an address must be proved first."""
        method = await self._identities.by_method("federated", pending["key"])
        if method is not None:
            if attempt["link_to"] not in (None, method["identity_id"]):
                raise OutsideFailed("this account already belongs to somebody else")
            await self._identities.used(method)
            identity = await self._identities.active(method["identity_id"])
            return identity, await self._identities.email_of(method["identity_id"])
        if attempt["link_to"] is not None:
            await self._link(attempt["link_to"], pending, peer)
            return await self._identities.by_id(attempt["link_to"]), await self._identities.email_of(attempt["link_to"])
        if not _is_authoritative(provider, claims):
            return None, None
        email = normalise_email(claims["email"])
        known = await self._identities.by_method("email", email)
        if known is not None and (known["verified_at"] is not None or known.get("invited")):
            return None, None
        proved = await self._identities.prove_email(email, peer)
        if proved.evicted is not None:
            await self._sessions.end_all(proved.evicted, actor="system:pre-hijack")
        await self._link(proved.identity["_id"], pending, peer)
        return proved.identity, email

    async def _link(self, identity_id: str, pending: PendingLink, peer: Peer) -> None:
        await self._identities.add_method(
            identity_id, "federated", pending["key"], pending["label"], peer=peer, provider=pending["provider"]
        )

    def _client(self, provider_id: str) -> OutsideClient:
        client = self._clients.get(provider_id)
        if client is None:
            raise OutsideFailed("there is no such provider")
        return client


def _is_authoritative(provider: OutsideProvider, claims: OutsideClaims) -> bool:
    """Whether the provider itself runs the mailbox, so that its word proves the address."""
    if claims["email"] is None or not claims["email_verified"]:
        return False
    domain = claims["email"].rpartition("@")[2]
    rules: dict[str, Any] = {
        "google": domain == "gmail.com" or claims["hosted_domain"] == domain,
        "apple": True,
        "domains": domain in provider.domains,
        "none": False,
    }
    return bool(rules[provider.authority])
