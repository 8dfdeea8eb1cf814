"""The wallet put together: cards, and their passes at Apple and Google."""

from dataclasses import dataclass
from typing import Literal

from starlette.routing import BaseRoute

from app.core.clock import Clock
from app.core.database import Database, Index
from app.core.jobs import Job
from app.core.limits import Limiter
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.ledger.service import Ledger
from app.programme import ProgrammeService
from app.tiers.service import TierService
from wallet import repository as card_storage
from wallet.apple import repository as apple_storage
from wallet.apple.routes import apple_routes
from wallet.apple.service import AppleWallet
from wallet.cards import CardService
from wallet.conclude import Members
from wallet.errors import PassesOff
from wallet.facts import MemberFacts
from wallet.google import repository as google_storage
from wallet.google.routes import google_routes
from wallet.google.service import GoogleWallet
from wallet.routes import Authorise, routes

INDEXES: dict[str, list[Index]] = {**card_storage.INDEXES, **apple_storage.INDEXES, **google_storage.INDEXES}


@dataclass(frozen=True, slots=True)
class PassOffer:
    """Whether a card can be had in a phone's own wallet: where, or why not."""

    platform: Literal["APPLE", "GOOGLE"]
    available: bool
    url: str | None
    why: str | None


class Wallet:
    """Every service of the wallet, its routes and its jobs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        limiter: Limiter,
        outbox: Outbox,
        members: Members,
        programmes: ProgrammeService,
        ledger: Ledger,
        tiers: TierService,
    ) -> None:
        facts = MemberFacts(members, ledger, tiers, programmes, clock)
        self._limiter = limiter
        self.cards = CardService(database, clock, limiter, members, settings.derive_key, programmes)
        self.apple = AppleWallet(
            database, clock, settings, cards=self.cards, facts=facts, outbox=outbox, limiter=limiter
        )
        self.google = GoogleWallet(database, clock, settings, cards=self.cards, facts=facts, outbox=outbox)

    def offers(self) -> list[PassOffer]:
        """What a member may choose from."""
        return [
            _offer("APPLE", "/card.pkpass", PassesOff("Apple").message, available=self.apple.available),
            _offer("GOOGLE", "/card/google", PassesOff("Google").message, available=self.google.available),
        ]

    def routes(self, authorise: Authorise) -> list[BaseRoute]:
        """Pictures and passes for whom `authorise` names, and Apple's web service."""
        return [
            *google_routes(self.google, authorise),
            *apple_routes(self.apple, self._limiter, authorise),
            *routes(self.cards, authorise),
        ]

    def jobs(self) -> list[Job]:
        """What has to run from time to time."""
        return [*self.apple.jobs(), *self.google.jobs()]

    async def revoke_all(self, member_id: str) -> None:
        """Remove every phone, static code and pass of a member; a pass that a phone keeps gets a new code."""
        await self.cards.revoke(member_id, None)
        await self.apple.renew(member_id)

    async def erase(self, member_id: str) -> None:
        """Remove everything kept about a member's cards and passes."""
        await self.apple.erase(member_id)
        await self.google.erase(member_id)
        await self.cards.erase(member_id)

    async def close(self) -> None:
        """Close the connections to Apple and Google."""
        await self.apple.close()
        await self.google.close()


def _offer(platform: Literal["APPLE", "GOOGLE"], url: str, why: str, *, available: bool) -> PassOffer:
    return PassOffer(platform, available, url if available else None, None if available else why)
