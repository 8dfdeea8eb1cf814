"""A reward's stock: its own ledger stream, one unit a point, so that the last one is given away once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.ledger.errors import HoldCaptured, HoldReleased, InsufficientPoints, UnknownAccount, UnknownOperation
from app.ledger.models import Adjust, Capture, Hold, Reason, Redeem, Release
from app.ledger.service import Ledger

_BACKSTOP = timedelta(days=1)
_ACTOR = "system:rewards"


class Stock:
    """Puts, reserves, hands out and returns units; every operation may be repeated under its id."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def put(self, reward_id: str, units: int, operation: str, now: datetime) -> None:
        """Add units, or take some away (negative)."""
        await self._ledger.post(
            Adjust(
                account=reward_id,
                operation=operation,
                occurred_at=now,
                actor=_ACTOR,
                reason=_reason("Stock changed", ""),
                points=units,
                code="STOCK",
            )
        )

    async def reserve(
        self, reward_id: str, redemption_id: str, operation: str, reserved_at: datetime, until: datetime
    ) -> bool:
        """Set one unit aside; False when none is left.

        The unit comes back by itself a day after `until`, should everybody forget it.
        """
        command = Hold(
            account=reward_id,
            operation=operation,
            occurred_at=reserved_at,
            actor=_ACTOR,
            reason=_reason("Reserved", redemption_id),
            points=1,
            until=until + _BACKSTOP,
        )
        try:
            await self._ledger.post(command)
        except (InsufficientPoints, UnknownAccount):
            return False
        return True

    async def confirm(self, reward_id: str, redemption_id: str, hold: str, at: datetime) -> None:
        """Hand a reserved unit out."""
        operation = f"confirm:{redemption_id}"
        reason = _reason("Handed over", redemption_id)
        capture = Capture(
            account=reward_id, operation=operation, occurred_at=at, actor=_ACTOR, reason=reason, hold=hold
        )
        try:
            await self._ledger.post(capture)
        except HoldReleased:
            # The backstop gave it back in the meantime: take one again, if there is one.
            late = Redeem(account=reward_id, operation=operation, occurred_at=at, actor=_ACTOR, reason=reason, points=1)
            try:
                await self._ledger.post(late)
            except InsufficientPoints:
                return

    async def release(self, reward_id: str, redemption_id: str, hold: str, at: datetime) -> None:
        """Put a reserved unit back; nothing happens when it was never reserved or is back already."""
        command = Release(
            account=reward_id,
            operation=f"release:{hold.partition(':')[2]}",
            occurred_at=at,
            actor=_ACTOR,
            reason=_reason("Given back", redemption_id),
            hold=hold,
        )
        try:
            await self._ledger.post(command)
        except (HoldReleased, HoldCaptured, UnknownOperation, UnknownAccount):
            return

    async def levels(self, reward_ids: Sequence[str]) -> dict[str, int]:
        """Units left of each reward, in one read."""
        if not reward_ids:
            return {}
        balances = await self._ledger.balances(reward_ids)
        return {reward_id: balance.active for reward_id, balance in balances.items()}


def _reason(title: str, redemption_id: str) -> Reason:
    return Reason(title=title, reference={"redemption": redemption_id} if redemption_id else {})
