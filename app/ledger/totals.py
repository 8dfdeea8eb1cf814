"""The programme's points in figures, for people who look at it now and then."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import PyMongoError

from app.core.clock import Clock
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import TrialBalanceRow
from app.ledger.repository import LedgerRepository

_KEEP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PointTotals:
    """Sums over all members; `redeemed_by_day` is by day of posting in the programme's zone, "YYYY-MM-DD"."""

    issued: int
    active: int
    pending: int
    reserved: int
    redeemed: int
    expired: int
    redeemed_by_day: Mapping[str, int]


class Totals:
    """The trial balance of points, read anew at most once a minute however many ask: it looks at every entry."""

    def __init__(self, repository: LedgerRepository, clock: Clock, zone: str) -> None:
        self._repository = repository
        self._clock = clock
        self._zone = zone
        self._known: PointTotals | None = None
        self._known_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def current(self) -> PointTotals:
        """The totals, at most a minute old. Raises LedgerUnavailable."""
        async with self._reading:
            now = self._clock.now()
            if self._known is None or self._known_at is None or now - self._known_at >= _KEEP:
                try:
                    rows = await self._repository.trial_balance(self._zone)
                except PyMongoError as error:
                    raise LedgerUnavailable from error
                self._known = _summed(rows)
                self._known_at = now
            return self._known


def _summed(rows: list[TrialBalanceRow]) -> PointTotals:
    points = [row for row in rows if row["book"] == "points"]

    def total(name: str) -> int:
        return sum(row["change"] for row in points if row["name"] == name)

    return PointTotals(
        # What was issued came out of the programme's own account, which is as far below zero.
        issued=-total("issued"),
        active=total("active"),
        pending=total("pending"),
        reserved=total("reserved"),
        redeemed=total("redeemed"),
        expired=total("expired"),
        redeemed_by_day={row["day"]: row["change"] for row in points if row["name"] == "redeemed"},
    )
