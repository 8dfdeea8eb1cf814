"""Stock of rewards: each reward's units are a stream of entries of their own, on the account that is the reward's id.

Taking a unit is a hold on that stream, so 500 takers of 60 units are 60 by the same proof that keeps points from being
spent twice.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.core.clock import Clock
from app.ledger.engine import Engine
from app.ledger.errors import HoldCaptured, HoldReleased, InsufficientPoints, LedgerError, UnknownAccount
from app.ledger.models import Adjust, Balance, Capture, EntryDocument, Hold, Reason, Release
from app.ledger.validate import validate


class OutOfStock(LedgerError):
    """No unit of the reward is left."""

    code = "OUT_OF_STOCK"

    def __init__(self, reward: str) -> None:
        super().__init__(f"The reward {reward} is out of stock.", ("reward",))


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Units that can be taken, units set aside for open redemptions, units handed out or to be handed out."""

    available: int
    reserved: int
    version: int


class Stock:
    """Puts, reserves, confirms and releases units; each operation once."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def put(self, reward: str, operation: str, units: int, actor: str = "system:stock") -> EntryDocument:
        """Add units, or take unreserved ones away (negative). Raises OutOfStock when fewer are there."""
        command = Adjust(
            account=reward,
            operation=operation,
            occurred_at=self._clock.now(),
            actor=actor,
            reason=Reason(title="Stock"),
            points=units,
            code="STOCK",
        )
        return await self._post(command)

    async def reserve(
        self, reward: str, operation: str, units: int = 1, keep: timedelta | None = None
    ) -> EntryDocument:
        """Set units aside under this operation, for `keep` (None = until confirmed or released). Raises OutOfStock."""
        now = self._clock.now()
        command = Hold(
            account=reward,
            operation=operation,
            occurred_at=now,
            actor="system:stock",
            reason=Reason(title="Reserved"),
            points=units,
            until=None if keep is None else now + keep,
        )
        return await self._post(command)

    async def confirm(self, reward: str, reservation: str, operation: str | None = None) -> EntryDocument | None:
        """Hand the reserved units out; None when that was done before. Raises HoldReleased, UnknownOperation."""
        command = Capture(
            account=reward,
            operation=operation or f"confirm:{reservation}",
            occurred_at=self._clock.now(),
            actor="system:stock",
            reason=Reason(title="Handed out"),
            hold=reservation,
        )
        try:
            return await self._post(command)
        except HoldCaptured:
            return None

    async def release(self, reward: str, reservation: str, operation: str | None = None) -> EntryDocument | None:
        """Put the reserved units back; None when that was done before. Raises HoldCaptured, UnknownOperation."""
        command = Release(
            account=reward,
            operation=operation or f"release:{reservation}",
            occurred_at=self._clock.now(),
            actor="system:stock",
            reason=Reason(title="Put back"),
            hold=reservation,
        )
        try:
            return await self._post(command)
        except HoldReleased:
            return None

    async def _post(self, command: Adjust | Hold | Capture | Release) -> EntryDocument:
        validate(command, self._clock.now())
        try:
            return await self._engine.apply(command)
        except (InsufficientPoints, UnknownAccount) as refusal:
            raise OutOfStock(command.account) from refusal


def stock_level(balance: Balance) -> StockLevel:
    """A reward's balance read as stock."""
    return StockLevel(balance.active, balance.reserved, balance.version)
