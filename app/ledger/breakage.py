"""Breakage: how many outstanding points will probably never be redeemed. An estimate beside the books, not an entry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.ledger.repository import LedgerRepository

MATURE: Final = timedelta(days=365)
"""Lots of this age show how much of a cohort is redeemed; younger ones still have their time before them."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """Figures in points.

    `issued` and `redeemed` are of mature lots; `outstanding` is what members hold now (active, pending, reserved, less
    deficits) and `expected` the part of it that the mature lots' share says will never be redeemed.
    """

    issued: int
    redeemed: int
    outstanding: int

    @property
    def expected(self) -> int:
        """What may be set off against the liability."""
        if self.issued <= 0 or self.outstanding <= 0:
            return 0
        unredeemed = max(0, self.issued - self.redeemed)
        # Whole numbers throughout, rounded down: an estimate must not free more than the cohorts show.
        return self.outstanding * min(unredeemed, self.issued) // self.issued


async def estimate(repository: LedgerRepository, outstanding: int, now: datetime) -> Breakage:
    """The estimate as of now; without mature lots nothing is expected to break."""
    issued, redeemed = await repository.cohort(now - MATURE)
    return Breakage(issued, redeemed, outstanding)
