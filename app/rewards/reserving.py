"""Reserving: a saga over the reward's stock and the member's points, decided by the member's ledger entry.

Steps: a redemption document with a slot of the member's limit; a unit of the stock; a hold on the points. Whatever
stops in between, the same request goes on from there, and else the sweeper asks the ledger what was decided.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from app.core.clock import Clock
from app.ledger.errors import Busy as LedgerBusy
from app.ledger.errors import (
    HoldCaptured,
    HoldReleased,
    InsufficientPoints,
    LedgerUnavailable,
    OperationVoided,
    UnknownAccount,
    UnknownOperation,
)
from app.ledger.models import Hold, Reason, Release, Void
from app.ledger.service import Ledger
from app.programme import ProgrammeService
from app.rewards import eligibility
from app.rewards.codes import new_code
from app.rewards.errors import Busy, IdempotencyConflict, MemberLimitReached, NotEnoughPoints, OutOfStock
from app.rewards.models import Redemption, Reward
from app.rewards.repository import RewardRepository
from app.rewards.stock import Stock

_ATTEMPTS = 5
_NONE_FREE = 0


def redemption_id(member_id: str, idempotency_key: str) -> str:
    """The id that follows from the member and the key, so that one key can only ever be one redemption."""
    text = f"{member_id}\n{idempotency_key}"
    return f"rdm_{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def hold_of(redemption: Redemption) -> str:
    """The ledger operation that reserves a redemption's points; a new one after each refusal under the same key."""
    again = f".{redemption['attempt']}" if redemption["attempt"] > 1 else ""
    return f"reserve:{redemption['_id']}{again}"


class Reserver:
    """Brings reservations about, or calls them off."""

    def __init__(
        self, repository: RewardRepository, clock: Clock, ledger: Ledger, stock: Stock, programmes: ProgrammeService
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._stock = stock
        self._programmes = programmes

    async def reserve(self, member_ids: Sequence[str], reward: Reward, rid: str) -> Redemption:
        """Reserve for the first of these ids, which are one member's; the others count towards its limit.

        Raises Ineligible, IdempotencyConflict and Busy.
        """
        redemption = await self._open(member_ids, reward, rid)
        if redemption["reward"] != reward["_id"]:
            raise IdempotencyConflict
        if redemption["step"] != "reserving":
            return redemption
        try:
            return await self._bring_about(redemption, reward)
        except (LedgerBusy, LedgerUnavailable, OperationVoided) as error:
            raise Busy from error

    async def decide(self, redemption: Redemption) -> None:
        """Find out what became of a reservation that nobody goes on with, and make the rest agree."""
        void = Void(
            account=redemption["member"],
            operation=hold_of(redemption),
            occurred_at=redemption["reserved_at"],
            actor="system:rewards",
            reason=_reason("Reservation called off", redemption),
        )
        if (await self._ledger.post(void))["kind"] == "hold":
            await self._settle(redemption)
            return
        if redemption["limited"]:
            await self._stock.release(redemption["reward"], hold_of(redemption))
        await self._refuse(redemption)

    async def _open(self, member_ids: Sequence[str], reward: Reward, rid: str) -> Redemption:
        """The redemption document, new, as it stands, or opened again after a refusal."""
        now = self._clock.now()
        programme = await self._programmes.current()
        until = now + timedelta(minutes=programme["reservation_minutes"])
        stored: Redemption | None = None
        for _ in range(_ATTEMPTS):
            fresh: Redemption = {
                "_id": rid,
                "programme": programme["_id"],
                "member": member_ids[0],
                "reward": reward["_id"],
                "status": "RESERVED",
                "step": "reserving",
                "points": reward["price"],
                "code": stored["code"] if stored else new_code(),
                "reserved_at": now,
                "reserved_until": until,
                "changed_at": now,
                "attempt": stored["attempt"] + 1 if stored else 1,
                "limited": reward["limited"],
                "kind": reward["kind"],
                "confirmed_at": None,
                "purchase": None,
                "till": None,
                "actor": None,
                "voucher_code": None,
                "confirm_key": None,
            }
            slot = await self._free_slot(member_ids, reward)
            if slot is not None:
                fresh["slot"] = slot
            if slot != _NONE_FREE and await self._repository.put(fresh, stored):
                return fresh
            stored = await self._repository.redemption(rid)
            if stored is not None and stored["status"] != "REFUSED":
                return stored
            if slot == _NONE_FREE:
                raise MemberLimitReached(eligibility.limit_reached(reward))
        raise Busy

    async def _free_slot(self, member_ids: Sequence[str], reward: Reward) -> int | None:
        """A slot that the member has free, from 1; None without a limit."""
        limit = reward["per_member"]
        if limit is None:
            return None
        taken = (await self._repository.slots(member_ids, [reward["_id"]]))[reward["_id"]]
        if len(taken) >= limit:
            return _NONE_FREE
        return next(slot for slot in range(1, limit + 1) if slot not in taken)

    async def _bring_about(self, redemption: Redemption, reward: Reward) -> Redemption:
        operation = hold_of(redemption)
        reserved_at, until = redemption["reserved_at"], redemption["reserved_until"]
        if redemption["limited"] and not await self._stock.reserve(reward["_id"], operation, until):
            await self._refuse(redemption)
            raise OutOfStock(eligibility.out_of_stock())
        hold = Hold(
            account=redemption["member"],
            operation=operation,
            occurred_at=reserved_at,
            actor=f"member:{redemption['member']}",
            reason=_reason(f"Reserved: {reward['name']}", redemption),
            points=redemption["points"],
            until=until,
        )
        try:
            await self._ledger.post(hold)
        except (InsufficientPoints, UnknownAccount) as refusal:
            # The refusal counts first: had it been brought about meanwhile, the unit would be somebody's.
            if await self._refuse(redemption) and redemption["limited"]:
                await self._stock.release(reward["_id"], operation)
            active = refusal.active if isinstance(refusal, InsufficientPoints) else 0
            missing = max(1, redemption["points"] - active)
            raise NotEnoughPoints(eligibility.not_enough(missing, await self._programmes.current())) from refusal
        settled = await self._settle(redemption)
        if settled is None:
            # Somebody with the same key was refused at the same moment: what was taken goes back.
            await self.give_back(redemption, redemption["member"])
            raise Busy
        return settled

    async def _settle(self, redemption: Redemption) -> Redemption | None:
        """The reservation once it stands; None when it was refused meanwhile."""
        changed = await self._repository.change(
            redemption["_id"],
            {"step": "reserving", "attempt": redemption["attempt"]},
            {"step": None, "changed_at": self._clock.now()},
        )
        stored = changed or await self._repository.redemption(redemption["_id"])
        if stored is None or stored["status"] == "REFUSED" or stored["attempt"] != redemption["attempt"]:
            return None
        return stored

    async def _refuse(self, redemption: Redemption) -> bool:
        refused = await self._repository.change(
            redemption["_id"],
            {"step": "reserving", "attempt": redemption["attempt"]},
            {"status": "REFUSED", "step": None, "changed_at": self._clock.now()},
            free_slot=True,
        )
        return refused is not None

    async def give_back(self, redemption: Redemption, account: str) -> None:
        """Put points and unit of a reservation back; nothing happens to what is back already."""
        hold, at = hold_of(redemption), redemption["changed_at"]
        release = Release(
            account=account,
            operation=f"release:{hold.partition(':')[2]}",
            occurred_at=at,
            actor=redemption["actor"] or "system:rewards",
            reason=_reason("Reservation ended", redemption),
            hold=hold,
        )
        try:
            await self._ledger.post(release)
        except (HoldReleased, UnknownOperation, UnknownAccount):
            pass
        except HoldCaptured:
            return
        if redemption["limited"]:
            await self._stock.release(redemption["reward"], hold)


def _reason(title: str, redemption: Redemption) -> Reason:
    reference = {"redemption": redemption["_id"], "reward": redemption["reward"]}
    if redemption["limited"]:
        # The ledger checks that every such debit has a unit of this stream.
        reference["stock"] = redemption["reward"]
    return Reason(title=title, reference=reference)
