"""The catalogue and what members do with it; the sagas are in reserving.py and ending.py."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.core.clock import Clock
from app.core.database import Database
from app.core.errors import DomainError
from app.core.jobs import Job
from app.ledger.errors import Busy as LedgerBusy
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import Balance
from app.ledger.service import Ledger
from app.members.models import Member
from app.members.service import MemberService
from app.programme import ProgrammeService
from app.rewards import catalogue, eligibility
from app.rewards.codes import read_code
from app.rewards.ending import Ender, as_of, came_about
from app.rewards.errors import (
    INELIGIBLE,
    AlreadyConfirmed,
    AlreadyEnded,
    Busy,
    Ended,
    Expired,
    IdempotencyConflict,
    Ineligible,
    InvalidReward,
    OtherMember,
    RedemptionNotFound,
    RewardNotFound,
)
from app.rewards.models import Eligibility, NewReward, Redemption, RedemptionStatus, Reward, Step, Voucher
from app.rewards.repository import KeyTaken, RewardRepository
from app.rewards.reserving import Reserver, redemption_id
from app.rewards.selling import RewardsInSales
from app.rewards.stock import Stock
from app.tiers.models import Standing
from app.tiers.service import TierService

_LONGEST_KEY = 128
_LONGEST_CODE = 64
_SWEEP_EVERY = timedelta(seconds=15)
_SWEEP_AFTER = timedelta(seconds=30)
_SWEEP_BATCH = 200
_CODES_AT_ONCE = 200
# A reservation takes a few round trips; more of them at once would only wait for connections that others need too.
_AT_ONCE = 32
_STEPS: tuple[Step, ...] = ("reserving", "confirming", "cancelling", "expiring", "reversing")

_log = structlog.get_logger("rewards")


class RewardService:
    """What can be had for points; `in_sales` is the part that sales need.

    Any method that writes may raise Busy; the same request may be sent again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        ledger: Ledger,
        programmes: ProgrammeService,
        members: MemberService,
        tiers: TierService,
    ) -> None:
        self._repository = RewardRepository(database)
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._members = members
        self._tiers = tiers
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._stock = Stock(ledger, clock)
        self._reserver = Reserver(self._repository, clock, ledger, self._stock, programmes)
        self._ender = Ender(self._repository, clock, ledger, self._stock, members, self._reserver)
        self.in_sales = RewardsInSales(self._repository, clock, members, self._ender)

    def jobs(self) -> list[Job]:
        """What must run every so often: ending reservations, and finishing what a crash left half done."""
        return [Job("rewards-sweep", _SWEEP_EVERY, self.sweep)]

    # The catalogue

    async def add(self, new: NewReward) -> bool:
        """Put a reward into the catalogue with its stock; False when it is there already. Raises InvalidReward."""
        programme = await self._programmes.current()
        added = await self._repository.insert_reward(catalogue.document(new, programme["_id"]))
        if new.stock:
            # Under an id that follows from the reward, so that a repetition after a crash adds nothing twice.
            await self._stock.put(new.id, new.stock, f"stock:{new.id}")
        return added

    async def add_stock(self, reward_id: str, units: int, idempotency_key: str) -> None:
        """Add units to a limited reward, or take some away. Raises RewardNotFound and InvalidReward."""
        _check_key(idempotency_key)
        reward = await self._repository.reward(reward_id)
        if reward is None:
            raise RewardNotFound
        if not reward["limited"] or reward["kind"] == "VOUCHER_CODE" or not units:
            raise InvalidReward(("input", "units"), "This reward's stock cannot be changed by that.")
        operation = f"stock:{redemption_id(reward_id, idempotency_key)}"
        await self._stock.put(reward_id, units, operation)

    async def add_codes(self, reward_id: str, codes: Sequence[str]) -> int:
        """Add voucher codes to a reward's pool, each once; the stock is what the pool has. Returns how many are new.

        Raises RewardNotFound and InvalidReward.
        """
        reward = await self._repository.reward(reward_id)
        if reward is None:
            raise RewardNotFound
        if reward["kind"] != "VOUCHER_CODE":
            raise InvalidReward(("input", "rewardId"), "Only a reward that is a voucher code has a pool of codes.")
        for code in codes:
            _check_code(code)
        vouchers: list[Voucher] = [
            {"_id": catalogue.voucher_id(reward_id, code), "reward": reward_id, "code": code, "free": True}
            for code in dict.fromkeys(codes)
        ]
        added = await self._repository.add_vouchers(vouchers)
        for start in range(0, len(vouchers), _CODES_AT_ONCE):
            chunk = vouchers[start : start + _CODES_AT_ONCE]
            await asyncio.gather(*(self._stock.put(reward_id, 1, f"code:{code['_id']}") for code in chunk))
        return added

    async def by_id(self, reward_id: str) -> Reward | None:
        """One reward."""
        return await self._repository.reward(reward_id)

    async def by_ids(self, reward_ids: Sequence[str]) -> dict[str, Reward]:
        """Rewards by id; unknown ids are left out."""
        return await self._repository.rewards(reward_ids)

    async def catalog(self, first: int = 20, after: tuple[int, str] | None = None) -> list[Reward]:
        """Rewards on offer in order, after (rank, _id) of the last one seen."""
        return await self._repository.catalogue(after, first)

    async def stock(self, rewards: Sequence[Reward]) -> dict[str, int | None]:
        """Units left of each reward, in one read; None where there is no limit."""
        levels = await self._stock.levels([reward["_id"] for reward in rewards if reward["limited"]])
        return {reward["_id"]: levels.get(reward["_id"]) for reward in rewards}

    async def eligibilities(
        self, member: Member, rewards: Sequence[Reward], balance: Balance, standing: Standing
    ) -> dict[str, Eligibility]:
        """Whether a member can have each of these rewards now, in two reads."""
        stock = await self.stock(rewards)
        limited = [reward["_id"] for reward in rewards if reward["per_member"] is not None]
        slots = await self._repository.slots([member["_id"]], limited) if limited else {}
        programme, now = await self._programmes.current(), self._clock.now()
        return {
            reward["_id"]: eligibility.judge(
                reward,
                member,
                balance,
                standing,
                programme,
                now,
                stock=stock[reward["_id"]],
                had=len(slots.get(reward["_id"], ())),
            )
            for reward in rewards
        }

    async def eligibility(self, member: Member, reward: Reward, balance: Balance, standing: Standing) -> Eligibility:
        """Whether a member can have a reward now, and why not."""
        return (await self.eligibilities(member, [reward], balance, standing))[reward["_id"]]

    # A member's redemptions

    async def reserve(self, member_id: str, reward_id: str, idempotency_key: str) -> Redemption:
        """Set a reward and its points aside for a member, once for each key.

        Raises InvalidReward, RewardNotFound, Ineligible (one class for each reason), IdempotencyConflict and Busy.
        """
        _check_key(idempotency_key)
        rid = redemption_id(member_id, idempotency_key)
        async with self._gate:
            reward = await self._repository.reward(reward_id)
            if reward is None:
                raise RewardNotFound
            try:
                await self._check_eligible(member_id, reward)
            except Ineligible:
                # What was begun under this key goes on, even when nothing new could be reserved.
                stored = await self._repository.redemption(rid)
                if stored is None or stored["status"] == "REFUSED":
                    raise
            member_ids = [member_id]
            if reward["per_member"] is not None:
                member_ids += await self._members.aliases(member_id)
            return as_of(await self._reserver.reserve(member_ids, reward, rid), self._clock.now())

    async def cancel(self, redemption_id: str, *, actor: str, member_ids: Sequence[str] | None = None) -> Redemption:
        """Cancel a reservation; the points come back to where they were. Cancelling twice is cancelling once.

        With `member_ids` only a reservation of theirs. Raises RedemptionNotFound, AlreadyConfirmed, AlreadyEnded, Busy.
        """
        redemption = await self._visible(redemption_id, "redemptionId")
        if member_ids is not None and redemption["member"] not in member_ids:
            raise RedemptionNotFound("redemptionId")
        if (seen := as_of(redemption, self._clock.now()))["status"] == "EXPIRED":
            raise AlreadyEnded(seen)
        begun = await self._ender.begin(redemption, "cancelling", {"actor": actor})
        current = begun or await self._visible(redemption_id, "redemptionId")
        if current["step"] == "cancelling" or current["status"] == "CANCELLED":
            return await self._finish(current) if current["step"] else current
        if current["status"] == "CONFIRMED" or current["step"] == "confirming":
            raise AlreadyConfirmed
        raise AlreadyEnded(current)

    async def confirm(
        self,
        code_or_id: str,
        *,
        till: str,
        actor: str,
        idempotency_key: str,
        purchase_id: str | None = None,
        member_ids: Sequence[str] | None = None,
    ) -> Redemption:
        """Hand a reserved reward over at a till, once for each key.

        With `member_ids` only a reservation of theirs. Raises InvalidReward, RedemptionNotFound, OtherMember, Ended,
        Expired, IdempotencyConflict and Busy.
        """
        _check_key(idempotency_key)
        redemption = await self.by_code(code_or_id) or await self._visible(code_or_id, "code")
        if member_ids is not None and redemption["member"] not in member_ids:
            raise OtherMember
        now = self._clock.now()
        if as_of(redemption, now)["status"] == "RESERVED" and redemption["step"] is None:
            taken = {"till": till, "actor": actor, "confirm_key": idempotency_key, "purchase": purchase_id}
            try:
                redemption = await self._ender.begin(redemption, "confirming", taken) or redemption
            except KeyTaken as error:
                raise IdempotencyConflict from error
            redemption = await self._repository.redemption(redemption["_id"]) or redemption
        if (redemption["till"], redemption["confirm_key"]) == (till, idempotency_key):
            return await self._finish(redemption) if redemption["step"] else redemption
        seen = as_of(redemption, now)
        if seen["status"] == "EXPIRED":
            raise Expired(seen["reserved_until"])
        raise Ended({**seen, "status": "CONFIRMED"} if seen["step"] == "confirming" else seen)

    async def of_member(
        self,
        member_ids: Sequence[str],
        first: int = 20,
        after: tuple[datetime, str] | None = None,
        statuses: Sequence[RedemptionStatus] | None = None,
    ) -> list[Redemption]:
        """Redemptions of a member and of those merged into it, latest first.

        `after` is (reserved_at, _id) of the last one seen.
        """
        found = await self._repository.of_members(member_ids, statuses, after, first)
        now = self._clock.now()
        return [as_of(redemption, now) for redemption in found]

    async def ready(self, member_ids: Sequence[str]) -> list[Redemption]:
        """Reservations that can be handed over now, latest first."""
        found = await self.of_member(member_ids, first=50, statuses=["RESERVED"])
        return [each for each in found if each["status"] == "RESERVED" and each["step"] is None]

    async def redemption(self, redemption_id: str) -> Redemption | None:
        """One redemption that came about."""
        try:
            return await self._visible(redemption_id, "redemptionId")
        except RedemptionNotFound:
            return None

    async def redemptions(self, redemption_ids: Sequence[str]) -> dict[str, Redemption]:
        """Redemptions by id; unknown ids are left out."""
        now = self._clock.now()
        found = await self._repository.redemptions(redemption_ids)
        return {each: as_of(redemption, now) for each, redemption in found.items() if came_about(redemption)}

    async def by_code(self, typed: str) -> Redemption | None:
        """The redemption with this code, however it is typed; None when there is none."""
        code = read_code(typed)
        redemption = await self._repository.by_code(code) if code else None
        if redemption is None or not came_about(redemption):
            return None
        return as_of(redemption, self._clock.now())

    # Jobs

    async def sweep(self) -> int:
        """End what ran out and finish what a crash left half done; answers how many redemptions were looked at."""
        now = self._clock.now()
        due = await self._repository.lapsed(now, _SWEEP_BATCH)
        begun = [await self._ender.begin(redemption, "expiring") for redemption in due]
        for step in _STEPS:
            begun += await self._repository.under_way(step, now - _SWEEP_AFTER, _SWEEP_BATCH)
        looked_at = 0
        for redemption in begun:
            if redemption is None or (redemption["step"] == "confirming" and redemption["confirm_key"] is None):
                continue
            looked_at += 1
            try:
                await self._ender.finish(redemption)
            except DomainError as error:
                _log.warning("redemption_not_finished", redemption=redemption["_id"], code=error.code)
        return looked_at

    async def _check_eligible(self, member_id: str, reward: Reward) -> None:
        member = await self._members.by_id(member_id)
        if member is None:
            raise RedemptionNotFound("rewardId")
        balances = await self._ledger.balances([member_id, reward["_id"]] if reward["limited"] else [member_id])
        taken = await self._repository.slots([member_id], [reward["_id"]]) if reward["per_member"] is not None else {}
        now = self._clock.now()
        verdict = eligibility.judge(
            reward,
            member,
            balances[member_id],
            await self._tiers.standing(balances[member_id], now),
            await self._programmes.current(),
            now,
            stock=balances[reward["_id"]].active if reward["limited"] else None,
            had=len(taken.get(reward["_id"], ())),
        )
        if not verdict.eligible:
            raise INELIGIBLE[verdict.reason or "NOT_AVAILABLE"](verdict)

    async def _visible(self, redemption_id: str, field: str) -> Redemption:
        redemption = await self._repository.redemption(redemption_id)
        if redemption is None or not came_about(redemption):
            raise RedemptionNotFound(field)
        return redemption

    async def _finish(self, redemption: Redemption) -> Redemption:
        try:
            return await self._ender.finish(redemption)
        except (LedgerBusy, LedgerUnavailable) as error:
            raise Busy from error


def _check_code(code: str) -> None:
    if not 1 <= len(code) <= _LONGEST_CODE or not code.isprintable() or code != code.strip():
        message = f"A voucher code has 1 to {_LONGEST_CODE} printable characters: {code[:_LONGEST_CODE]!r} is none."
        raise InvalidReward(("input", "codes"), message)


def _check_key(idempotency_key: str) -> None:
    if not 1 <= len(idempotency_key) <= _LONGEST_KEY or not idempotency_key.isprintable():
        message = f"An idempotency key has 1 to {_LONGEST_KEY} printable characters."
        raise InvalidReward(("input", "idempotencyKey"), message)
