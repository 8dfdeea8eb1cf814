"""Rewards within a sale: looked at, claimed so that nothing else can happen to them, handed over, given back."""

from collections.abc import Sequence
from datetime import datetime

from app.core.clock import Clock
from app.members.service import MemberService
from app.rewards.ending import Ender, as_of, came_about
from app.rewards.errors import SaleRedemptionEnded, SaleRedemptionNotFound
from app.rewards.models import HandOver, Redemption
from app.rewards.repository import RewardRepository

_BATCH = 200


class RewardsInSales:
    """What a sale does with redemptions; every step may be repeated."""

    def __init__(self, repository: RewardRepository, clock: Clock, members: MemberService, ender: Ender) -> None:
        self._repository = repository
        self._clock = clock
        self._members = members
        self._ender = ender

    async def for_sale(self, member_id: str, redemption_ids: Sequence[str], purchase_id: str | None) -> list[HandOver]:
        """Redemptions with their rewards, ready for a sale of this member, or claimed by the same sale already.

        Raises SaleRedemptionNotFound, SaleRedemptionEnded.
        """
        members = {member_id, *await self._members.aliases(member_id)}
        found = await self._repository.redemptions(redemption_ids)
        rewards = await self._repository.rewards([redemption["reward"] for redemption in found.values()])
        now = self._clock.now()
        ready: list[HandOver] = []
        for each in redemption_ids:
            redemption = found.get(each)
            if redemption is None or redemption["member"] not in members or not came_about(redemption):
                raise SaleRedemptionNotFound
            if purchase_id is None or redemption["purchase"] != purchase_id:
                seen = as_of(redemption, now)
                if seen["status"] != "RESERVED" or seen["step"] is not None:
                    raise SaleRedemptionEnded(seen)
            ready.append(HandOver(redemption, rewards[redemption["reward"]]))
        return ready

    async def claim(self, redemption_ids: Sequence[str], purchase_id: str, actor: str) -> None:
        """Take redemptions for a sale, so that nothing else can happen to them.

        Raises SaleRedemptionEnded when something did; none is claimed then.
        """
        for position, each in enumerate(redemption_ids):
            stored = await self._redemption(each)
            if stored["purchase"] == purchase_id:
                continue
            expired = as_of(stored, self._clock.now())["status"] == "EXPIRED"
            if expired or not await self._ender.begin(stored, "confirming", {"purchase": purchase_id, "actor": actor}):
                await self.unclaim(redemption_ids[:position], purchase_id)
                raise SaleRedemptionEnded(await self._redemption(each))

    async def unclaim(self, redemption_ids: Sequence[str], purchase_id: str) -> None:
        """Give redemptions back that were claimed for a sale which did not come about."""
        for each in redemption_ids:
            await self._ender.back_off(each, purchase_id)

    async def claimed(self, changed_before: datetime) -> list[Redemption]:
        """Redemptions that a sale claimed and did not finish."""
        found = await self._repository.under_way("confirming", changed_before, _BATCH)
        return [redemption for redemption in found if redemption["confirm_key"] is None]

    async def finish(self, redemption_id: str) -> Redemption:
        """Hand over what a sale claimed; done before, nothing more happens. Raises SaleRedemptionEnded and Busy."""
        redemption = await self._redemption(redemption_id)
        if redemption["step"] == "confirming":
            return await self._ender.finish(redemption)
        if redemption["status"] not in ("CONFIRMED", "REVERSED"):
            raise SaleRedemptionEnded(redemption)
        return redemption

    async def reverse(self, redemption_id: str, *, actor: str) -> Redemption:
        """Give a handed-over reward back: the points return to their lots with their expiry, the unit to the stock.

        A voucher code that is out stays out, and so do its points.
        """
        redemption = await self._redemption(redemption_id)
        if redemption["kind"] == "VOUCHER_CODE":
            return redemption
        if redemption["status"] == "CONFIRMED":
            redemption = await self._ender.begin(redemption, "reversing", {"actor": actor}) or redemption
        return await self._ender.finish(redemption) if redemption["step"] == "reversing" else redemption

    async def _redemption(self, redemption_id: str) -> Redemption:
        redemption = await self._repository.redemption(redemption_id)
        if redemption is None or not came_about(redemption):
            raise SaleRedemptionNotFound
        return redemption
