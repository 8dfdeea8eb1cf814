"""Issuing Apple passes and keeping them up to date."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.core.clock import Clock
from app.core.database import Database
from app.core.jobs import Job
from app.core.limits import Limit, Limiter
from app.core.outbox import Outbox
from app.core.settings import Settings
from wallet.apple.identity import Identity, load_identity, throwaway_identity
from wallet.apple.package import build_package
from wallet.apple.push import PushService
from wallet.apple.repository import AppleRepository, PassDocument
from wallet.cards import CardService
from wallet.errors import MemberHasNoCard, PassesOff
from wallet.facts import FactSource, PassFacts

PUSH: Final = "apple.push"
MOST_PHONES: Final = 20
REGISTRATIONS: Final = Limit(30, timedelta(minutes=10))
_REFRESH_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """A signed package and when the pass last changed."""

    package: bytes
    changed_at: datetime


class AppleWallet:
    """Everything about Apple passes. Off in production until certificates are configured."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        cards: CardService,
        facts: FactSource,
        outbox: Outbox,
        limiter: Limiter,
        push_service: Callable[[Identity], PushService] = PushService,
    ) -> None:
        self._repository = AppleRepository(database)
        self._clock = clock
        self._settings = settings
        self._cards = cards
        self._facts = facts
        self._outbox = outbox
        self._limiter = limiter
        self._push_service = push_service
        self._token_key = settings.derive_key("wallet.apple")
        self._identity: Identity | None = None
        self._identity_lock = asyncio.Lock()
        self._pushes: PushService | None = None
        outbox.register(PUSH, self._push)

    @property
    def available(self) -> bool:
        """Whether passes can be issued."""
        return self._settings.apple_certificate is not None or not self._settings.is_production

    async def identity(self) -> Identity:
        """Who signs; raises PassesOff or UnusableCertificate."""
        if not self.available:
            raise PassesOff("Apple")
        async with self._identity_lock:
            if self._identity is None:
                certificate, intermediate = self._settings.apple_certificate, self._settings.apple_intermediate
                if certificate is not None and intermediate is not None:
                    self._identity = await asyncio.to_thread(load_identity, certificate, intermediate)
                elif certificate is not None or self._settings.is_production:
                    raise PassesOff("Apple")
                else:
                    self._identity = await asyncio.to_thread(throwaway_identity, self._clock)
        return self._identity

    async def issue(self, member_id: str) -> IssuedPass:
        """A member's pass as it is now; raises MemberHasNoCard and PassesOff."""
        facts = await self._facts_of(member_id)
        known = await self._repository.pass_of(member_id) or await self._repository.add_pass(
            {
                "_id": secrets.token_hex(12),
                "member_id": member_id,
                "revision": await self._repository.next_revision(),
                "changed_at": self._clock.now(),
                "fingerprint": facts.fingerprint(),
                "registered": False,
            }
        )
        return await self._build(known, facts)

    async def by_serial(self, serial: str) -> IssuedPass | None:
        """The pass with a serial number as it is now; None when it is unknown or its member has no card any more."""
        known = await self._repository.by_serial(serial)
        if known is None:
            return None
        try:
            return await self._build(known, await self._facts_of(known["member_id"]))
        except MemberHasNoCard:
            return None

    def token_of(self, serial: str) -> str:
        """What a phone shows to ask for this pass (32 hex digits)."""
        return hmac.digest(self._token_key, serial.encode(), "sha256").hex()[:32]

    async def register(self, device: str, serial: str, push_token: str) -> bool | None:
        """Note a phone that keeps a pass: True when new, False when known, None for no such pass.

        Phones have been seen to register hundreds of times under changing ids: the newest twenty of a pass are kept.
        Raises RateLimited.
        """
        if await self._repository.by_serial(serial) is None:
            return None
        await self._limiter.hit(f"apple:register:{serial}", REGISTRATIONS)
        return await self._repository.register(
            {
                "_id": f"{device}:{serial}",
                "device": device,
                "serial": serial,
                "push_token": push_token,
                "at": self._clock.now(),
            },
            MOST_PHONES,
        )

    async def unregister(self, device: str, serial: str) -> None:
        """Forget a phone."""
        await self._repository.unregister(device, serial)

    async def changed_since(self, device: str, tag: str) -> tuple[list[str], str] | None:
        """Serial numbers of a phone's passes that changed after a tag, and the new tag; None when none did."""
        since = int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 16 else 0
        changed = await self._repository.changed_since(device, since)
        return ([known["_id"] for known in changed], str(changed[-1]["revision"])) if changed else None

    async def refresh(self) -> int:
        """Find the passes that phones keep and that look different now, and wake those phones; returns how many."""
        changed = 0
        async for chunk in self._repository.registered_passes():
            facts = await self._facts.of([known["member_id"] for known in chunk])
            for known in chunk:
                mine = facts.get(known["member_id"])
                if mine is not None and mine.fingerprint() != known["fingerprint"]:
                    await self._change(known, mine)
                    changed += 1
        return changed

    async def renew(self, member_id: str) -> None:
        """Tell the phones that keep a member's pass to fetch it anew: its code was revoked, and it gets another."""
        known = await self._repository.pass_of(member_id)
        facts = (await self._facts.of([member_id])).get(member_id)
        if known and facts:
            await self._change(known, facts)

    async def erase(self, member_id: str) -> None:
        """Remove a member's pass and its phones."""
        await self._repository.erase(member_id)

    async def close(self) -> None:
        """Close the connection to the push service."""
        if self._pushes is not None:
            await self._pushes.close()

    def jobs(self) -> list[Job]:
        """What has to run from time to time."""
        return [Job("apple.refresh", _REFRESH_EVERY, self.refresh)]

    async def _facts_of(self, member_id: str) -> PassFacts:
        facts = (await self._facts.of([member_id])).get(member_id)
        if facts is None:
            raise MemberHasNoCard(member_id)
        return facts

    async def _build(self, known: PassDocument, facts: PassFacts) -> IssuedPass:
        identity = await self.identity()
        changed_at = known["changed_at"]
        if facts.fingerprint() != known["fingerprint"]:
            changed_at = await self._change(known, facts)
        code = await self._cards.static_code(known["member_id"], "apple")
        package = await asyncio.to_thread(
            build_package,
            facts,
            code,
            serial=known["_id"],
            token=self.token_of(known["_id"]),
            service_url=f"{self._settings.issuer}/apple",
            identity=identity,
        )
        return IssuedPass(package, changed_at)

    async def _change(self, known: PassDocument, facts: PassFacts) -> datetime:
        """Give a pass a new revision. Pushes are stored first: after a crash in between they are stored again."""
        revision = await self._repository.next_revision()
        # HTTP dates have whole seconds: two changes within one would look like one to a phone.
        now = max(self._clock.now(), known["changed_at"].replace(microsecond=0) + timedelta(seconds=1))
        for phone in await self._repository.registrations(known["_id"]):
            await self._outbox.add(PUSH, phone["push_token"], {"push_token": phone["push_token"]})
        await self._repository.change(known["_id"], facts.fingerprint(), revision, now)
        return now

    async def _push(self, payload: dict[str, Any]) -> None:
        identity = await self.identity()
        if identity.throwaway:
            return  # no push service takes a certificate that Apple did not issue
        if self._pushes is None:
            self._pushes = self._push_service(identity)
        if not await self._pushes.send(payload["push_token"]):
            await self._repository.forget_token(payload["push_token"])
