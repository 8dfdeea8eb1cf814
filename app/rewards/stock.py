"""A reward's stock as redemptions use it, over the ledger's stream of its units; anything may be repeated."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.core.clock import Clock
from app.ledger.errors import HoldCaptured, HoldReleased, UnknownAccount, UnknownOperation
from app.ledger.service import Ledger
from app.ledger.stock import OutOfStock

_BACKSTOP = timedelta(days=1)

_log = structlog.get_logger("rewards")


class Stock:
    """Puts, reserves, hands out and returns units."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def put(self, reward_id: str, units: int, operation: str) -> None:
        """Add units, or take free ones away (negative). Raises the ledger's OutOfStock when fewer are free."""
        await self._ledger.stock.put(reward_id, operation, units)

    async def reserve(self, reward_id: str, hold: str, until: datetime) -> bool:
        """Set one unit aside; False when none is left.

        The unit comes back by itself a day after `until`, should everybody forget it.
        """
        keep = until - self._clock.now() + _BACKSTOP
        try:
            await self._ledger.stock.reserve(reward_id, hold, keep=keep)
        except OutOfStock:
            return False
        return True

    async def confirm(self, reward_id: str, hold: str) -> None:
        """Hand a reserved unit out; one that came back meanwhile is taken again, if there still is one."""
        try:
            await self._ledger.stock.confirm(reward_id, hold)
        except HoldReleased:
            try:
                await self._ledger.stock.put(reward_id, f"late:{hold}", -1)
            except OutOfStock:
                _log.exception("reward_given_without_stock", reward=reward_id, reservation=hold)

    async def release(self, reward_id: str, hold: str) -> None:
        """Put a reserved unit back; nothing happens when it was never reserved or is back already."""
        try:
            await self._ledger.stock.release(reward_id, hold)
        except (HoldCaptured, UnknownOperation, UnknownAccount, OutOfStock):
            return

    async def levels(self, reward_ids: Sequence[str]) -> dict[str, int]:
        """Free units of each reward, in one read."""
        if not reward_ids:
            return {}
        balances = await self._ledger.balances(reward_ids)
        return {reward_id: balance.active for reward_id, balance in balances.items()}
