"""What stands on a wallet pass, gathered for many members at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import orjson

from app.core.clock import Clock
from app.ledger.service import Ledger
from app.programme import ProgrammeService
from app.tiers.service import TierService
from wallet.cards import active_number
from wallet.conclude import Members


@dataclass(frozen=True, slots=True)
class PassFacts:
    """A member's card in figures and words; `hue` is the brand's, OKLCH degrees."""

    member_id: str
    programme_id: str
    programme: str
    hue: float
    name: str
    number: str
    points: int
    tier: str
    language: str

    def fingerprint(self) -> str:
        """Changes when the pass has to be drawn again."""
        return hashlib.sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


class FactSource(Protocol):
    """Where passes learn what to say."""

    async def of(self, member_ids: Sequence[str]) -> dict[str, PassFacts]:
        """The facts of those members that have an active card."""
        ...


class MemberFacts:
    """Facts from the members, the ledger and the tiers."""

    def __init__(
        self, members: Members, ledger: Ledger, tiers: TierService, programmes: ProgrammeService, clock: Clock
    ) -> None:
        self._members = members
        self._ledger = ledger
        self._tiers = tiers
        self._programmes = programmes
        self._clock = clock

    async def of(self, member_ids: Sequence[str]) -> dict[str, PassFacts]:
        """The facts of those members that have an active card."""
        programme = await self._programmes.current()
        members = await self._members.by_ids(member_ids)
        balances = await self._ledger.balances(member_ids)
        now = self._clock.now()
        facts = {}
        for member_id, member in members.items():
            number = active_number(member)
            if number is None:
                continue
            standing = await self._tiers.standing(balances[member_id], now)
            facts[member_id] = PassFacts(
                member_id,
                programme["_id"],
                programme["name"],
                programme["brand_hue"],
                member["display_name"],
                number,
                balances[member_id].active,
                standing.tier["name"],
                member["language"],
            )
        return facts
