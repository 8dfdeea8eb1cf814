"""Tier standings for the programme of this service."""

from datetime import datetime

from app.ledger.models import Balance
from app.programme.service import ProgrammeService
from app.tiers.models import Standing
from app.tiers.standing import month_of, standing_of


class TierService:
    """Reads standings off balances; keeps nothing of its own."""

    def __init__(self, programmes: ProgrammeService) -> None:
        self._programmes = programmes

    async def standing(self, balance: Balance, now: datetime) -> Standing:
        """Where the owner of this balance stands at an instant; for a past instant, by the points known today."""
        return standing_of(await self._programmes.current(), balance.qualifying, now)

    async def month(self, instant: datetime) -> str:
        """The "YYYY-MM" bucket that status points earned at an instant count for."""
        return month_of(await self._programmes.current(), instant)
