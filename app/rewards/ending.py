"""Ending a reservation: handing over, cancelling, running out, giving back.

Each first takes the redemption's step in one atomic update, which only one of them can win, then moves points, stock
and voucher, then notes the outcome. Every part may be repeated, so that anybody can finish what somebody began.
"""

from datetime import datetime
from typing import Any

import structlog

from app.core.clock import Clock
from app.ledger.errors import AlreadyReversed, HoldReleased, InsufficientPoints, UnknownOperation
from app.ledger.models import Capture, Command, EntryDocument, Reason, Redeem, Reverse
from app.ledger.service import Ledger
from app.members.service import MemberService
from app.rewards.models import Redemption, RedemptionStatus, Step
from app.rewards.repository import RewardRepository
from app.rewards.reserving import Reserver, hold_of
from app.rewards.stock import Stock

_log = structlog.get_logger("rewards")


class Ender:
    """Carries a redemption over its last steps."""

    def __init__(
        self,
        repository: RewardRepository,
        clock: Clock,
        ledger: Ledger,
        stock: Stock,
        members: MemberService,
        reserver: Reserver,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._stock = stock
        self._members = members
        self._reserver = reserver

    async def begin(
        self, redemption: Redemption, step: Step, changes: dict[str, Any] | None = None
    ) -> Redemption | None:
        """Take the step; None when something else happened to the redemption first. Raises KeyTaken."""
        status: RedemptionStatus = "CONFIRMED" if step == "reversing" else "RESERVED"
        return await self._repository.change(
            redemption["_id"],
            {"status": status, "step": None},
            {"step": step, "changed_at": self._clock.now(), **(changes or {})},
        )

    async def back_off(self, redemption_id: str, purchase_id: str) -> None:
        """Undo a claim of a sale that did not come about."""
        await self._repository.change(
            redemption_id,
            {"status": "RESERVED", "step": "confirming", "purchase": purchase_id},
            {"step": None, "purchase": None, "actor": None, "changed_at": self._clock.now()},
        )

    async def finish(self, redemption: Redemption) -> Redemption:
        """Do what the redemption's step says."""
        match redemption["step"]:
            case "confirming":
                return await self._hand_over(redemption)
            case "cancelling":
                return await self._end(redemption, "CANCELLED")
            case "expiring":
                return await self._end(redemption, "EXPIRED")
            case "reversing":
                return await self._give_back(redemption)
            case "reserving":
                await self._reserver.decide(redemption)
        return await self._repository.redemption(redemption["_id"]) or redemption

    async def _hand_over(self, redemption: Redemption) -> Redemption:
        await self._spend(redemption)
        if redemption["limited"]:
            await self._stock.confirm(redemption["reward"], hold_of(redemption))
        voucher = None
        if redemption["kind"] == "VOUCHER_CODE":
            voucher = await self._repository.take_voucher(redemption["reward"], redemption["_id"])
            if voucher is None:
                _log.error("voucher_pool_empty", reward=redemption["reward"], redemption=redemption["_id"])
        return await self._note(
            redemption,
            {"status": "CONFIRMED", "confirmed_at": redemption["changed_at"], "voucher_code": voucher},
        )

    async def _spend(self, redemption: Redemption) -> EntryDocument | None:
        account, at = await self._account(redemption), redemption["changed_at"]
        operation, actor = f"confirm:{redemption['_id']}", redemption["actor"] or "system:rewards"
        reason = _reason("Reward handed over", redemption)
        capture = Capture(
            account=account, operation=operation, occurred_at=at, actor=actor, reason=reason, hold=hold_of(redemption)
        )
        try:
            return await self._ledger.post(capture)
        except HoldReleased:
            # It was claimed in time, but the claim was finished only after the reservation had lapsed.
            late = Redeem(
                account=account,
                operation=operation,
                occurred_at=at,
                actor=actor,
                reason=reason,
                points=redemption["points"],
            )
            return await self._post_if_covered(late, redemption)

    async def _post_if_covered(self, command: Command, redemption: Redemption) -> EntryDocument | None:
        try:
            return await self._ledger.post(command)
        except InsufficientPoints:
            _log.error("reward_given_without_points", redemption=redemption["_id"], points=redemption["points"])
            return None

    async def _end(self, redemption: Redemption, status: RedemptionStatus) -> Redemption:
        await self._reserver.give_back(redemption, await self._account(redemption))
        return await self._note(redemption, {"status": status}, free_slot=True)

    async def _give_back(self, redemption: Redemption) -> Redemption:
        at = redemption["changed_at"]
        reverse = Reverse(
            account=await self._account(redemption),
            operation=f"reverse:{redemption['_id']}",
            occurred_at=at,
            actor=redemption["actor"] or "system:rewards",
            reason=_reason("Reward given back", redemption),
            of=f"confirm:{redemption['_id']}",
        )
        try:
            await self._ledger.post(reverse)
        except (AlreadyReversed, UnknownOperation):
            _log.warning("reward_already_given_back", redemption=redemption["_id"])
        if redemption["limited"]:
            await self._stock.put(redemption["reward"], 1, f"reverse:{redemption['_id']}")
        return await self._note(redemption, {"status": "REVERSED"}, free_slot=True)

    async def _note(self, redemption: Redemption, outcome: dict[str, Any], *, free_slot: bool = False) -> Redemption:
        noted = await self._repository.change(
            redemption["_id"],
            {"step": redemption["step"]},
            {**outcome, "step": None, "changed_at": self._clock.now()},
            free_slot=free_slot,
        )
        return noted or await self._repository.redemption(redemption["_id"]) or redemption

    async def _account(self, redemption: Redemption) -> str:
        """The member's ledger account today, who may have been merged since."""
        member = await self._members.by_id(redemption["member"])
        return (await self._members.survivor(member))["_id"] if member else redemption["member"]


def as_of(redemption: Redemption, now: datetime) -> Redemption:
    """The redemption as it is at an instant: a reservation whose time is over has run out, whoever noted it yet."""
    if redemption["status"] == "RESERVED" and redemption["step"] is None and redemption["reserved_until"] <= now:
        return {**redemption, "status": "EXPIRED"}
    return redemption


def came_about(redemption: Redemption) -> bool:
    """Whether a redemption is anybody's: neither still being reserved nor refused."""
    return redemption["status"] != "REFUSED" and redemption["step"] != "reserving"


def _reason(title: str, redemption: Redemption) -> Reason:
    reference = {"redemption": redemption["_id"], "reward": redemption["reward"]}
    if redemption["limited"]:
        # The ledger checks that every such debit has a unit of this stream.
        reference["stock"] = redemption["reward"]
    if redemption["purchase"] is not None:
        reference["purchase"] = redemption["purchase"]
    return Reason(title=title, reference=reference)
