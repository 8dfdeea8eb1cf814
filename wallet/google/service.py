"""Issuing Google passes and keeping them up to date."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any, Final

import httpx2

from app.core.clock import Clock
from app.core.database import Database
from app.core.jobs import Job
from app.core.outbox import Outbox
from app.core.settings import Settings
from wallet.cards import CardService
from wallet.errors import MemberHasNoCard, PassesOff
from wallet.facts import FactSource, PassFacts
from wallet.google.account import GoogleClient, ServiceAccount, load_account
from wallet.google.objects import CLASS, OBJECT, changing_fields, loyalty_class, loyalty_object, save_link
from wallet.google.repository import GoogleRepository, PassDocument

UPDATE: Final = "google.update"
_REFRESH_EVERY: Final = timedelta(minutes=1)
_SECONDS: Final = 10.0


class GoogleWallet:
    """Everything about Google passes. Off until a service account and an issuer id are configured."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        cards: CardService,
        facts: FactSource,
        outbox: Outbox,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._repository = GoogleRepository(database)
        self._clock = clock
        self._settings = settings
        self._cards = cards
        self._facts = facts
        self._outbox = outbox
        self._transport = transport
        self._opened: tuple[ServiceAccount, GoogleClient] | None = None
        self._class_made = False
        outbox.register(UPDATE, self._update)

    @property
    def available(self) -> bool:
        """Whether passes can be issued."""
        return self._settings.google_service_account is not None and self._settings.google_issuer is not None

    async def link(self, member_id: str) -> str:
        """The link that saves a member's card, which Google knows by then.

        Raises PassesOff, MemberHasNoCard, UnusableAccount and GoogleRefused.
        """
        account, client = await self._open()
        facts = await self._facts_of(member_id)
        await self._make_class(client, facts)
        issued = await self._issued(member_id, facts)
        prefix, secret = await self._cards.totp_pass(member_id)
        code = await self._cards.static_code(member_id, "google")
        content = loyalty_object(issued["_id"], self._class_id(facts), facts, code, prefix, secret)
        if not await client.insert(OBJECT, content):
            await client.patch(OBJECT, issued["_id"], content)
        now = int(self._clock.now().timestamp())
        return save_link(account, issued["_id"], self._class_id(facts), self._settings.issuer, now)

    async def refresh(self) -> int:
        """Find the passes that look different now and have Google told; returns how many."""
        changed = 0
        async for chunk in self._repository.all():
            facts = await self._facts.of([issued["member_id"] for issued in chunk])
            for issued in chunk:
                mine = facts.get(issued["member_id"])
                if mine is not None and mine.fingerprint() != issued["fingerprint"]:
                    await self._outbox.add(UPDATE, issued["_id"], {"member_id": issued["member_id"]})
                    await self._repository.told(issued["_id"], mine.fingerprint())
                    changed += 1
        return changed

    async def erase(self, member_id: str) -> None:
        """Forget a member's pass and have Google end it."""
        if issued := await self._repository.pass_of(member_id):
            await self._outbox.add(UPDATE, issued["_id"], {"expired": issued["_id"]})
            await self._repository.erase(member_id)

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened[1].close()

    def jobs(self) -> list[Job]:
        """What has to run from time to time; nothing while passes are off."""
        return [Job("google.refresh", _REFRESH_EVERY, self.refresh)] if self.available else []

    async def _open(self) -> tuple[ServiceAccount, GoogleClient]:
        if self._settings.google_service_account is None or self._settings.google_issuer is None:
            raise PassesOff("Google")
        if self._opened is None:
            account = await asyncio.to_thread(load_account, self._settings.google_service_account)
            http = httpx2.AsyncClient(transport=self._transport, timeout=_SECONDS)
            self._opened = (account, GoogleClient(account, http, lambda: self._clock.now().timestamp()))
        return self._opened

    async def _make_class(self, client: GoogleClient, facts: PassFacts) -> None:
        if not self._class_made:
            logo = f"{self._settings.issuer}/card/logo.png"
            await client.insert(CLASS, loyalty_class(self._class_id(facts), facts.programme, facts.hue, logo))
            self._class_made = True

    async def _issued(self, member_id: str, facts: PassFacts) -> PassDocument:
        fresh: PassDocument = {
            "_id": f"{self._settings.google_issuer}.{secrets.token_hex(12)}",
            "member_id": member_id,
            "fingerprint": facts.fingerprint(),
        }
        return await self._repository.pass_of(member_id) or await self._repository.add(fresh)

    async def _update(self, payload: dict[str, Any]) -> None:
        _, client = await self._open()
        if expired := payload.get("expired"):
            await client.patch(OBJECT, expired, {"state": "EXPIRED"})
            return
        issued = await self._repository.pass_of(payload["member_id"])
        facts = (await self._facts.of([payload["member_id"]])).get(payload["member_id"])
        if issued is not None and facts is not None:
            await client.patch(OBJECT, issued["_id"], {"accountName": facts.name, **changing_fields(facts)})

    async def _facts_of(self, member_id: str) -> PassFacts:
        facts = (await self._facts.of([member_id])).get(member_id)
        if facts is None:
            raise MemberHasNoCard(member_id)
        return facts

    def _class_id(self, facts: PassFacts) -> str:
        return f"{self._settings.google_issuer}.{facts.programme_id}"
