"""The `rewards`, `redemptions` and `vouchers` collections."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.core.database import Database, Index
from app.rewards.models import Redemption, RedemptionStatus, Reward, Step, Voucher

REWARDS = "rewards"
REDEMPTIONS = "redemptions"
VOUCHERS = "vouchers"
INDEXES: dict[str, list[Index]] = {
    REWARDS: [Index((("active", 1), ("rank", 1), ("_id", 1)))],
    REDEMPTIONS: [
        Index((("code", 1),), unique=True),
        Index((("member", 1), ("reserved_at", -1), ("_id", -1))),
        Index((("member", 1), ("reward", 1), ("slot", 1)), unique=True, partial={"slot": {"$gt": 0}}),
        Index((("till", 1), ("confirm_key", 1)), unique=True, partial={"confirm_key": {"$gt": ""}}),
        Index((("step", 1), ("changed_at", 1)), partial={"step": {"$gt": ""}}),
        Index((("reserved_until", 1),), partial={"status": "RESERVED"}),
    ],
    VOUCHERS: [
        Index((("reward", 1), ("code", 1)), unique=True),
        Index((("redemption", 1),), unique=True, partial={"redemption": {"$gt": ""}}),
        Index((("reward", 1), ("free", 1)), partial={"free": True}),
    ],
}
_DUPLICATE = 11000
_HIDDEN: tuple[RedemptionStatus, ...] = ("REFUSED",)


class KeyTaken(Exception):
    """A slot, or a till's key for a confirmation, belongs to another redemption."""


class RewardRepository:
    """Reads and stores rewards, redemptions and voucher codes."""

    def __init__(self, database: Database) -> None:
        self._rewards = database[REWARDS]
        self._redemptions = database[REDEMPTIONS]
        self._vouchers = database[VOUCHERS]

    # Rewards

    async def insert_reward(self, reward: Reward) -> bool:
        """Add a reward; False when it exists already."""
        try:
            await self._rewards.insert_one(dict(reward))
        except DuplicateKeyError:
            return False
        return True

    async def reward(self, reward_id: str) -> Reward | None:
        """One reward."""
        return cast("Reward | None", await self._rewards.find_one({"_id": reward_id}))

    async def rewards(self, reward_ids: Sequence[str]) -> dict[str, Reward]:
        """Rewards by id; unknown ids are left out."""
        found = await self._rewards.find({"_id": {"$in": list(reward_ids)}}).to_list()
        return {reward["_id"]: cast("Reward", reward) for reward in found}

    async def catalogue(self, after: tuple[int, str] | None, first: int) -> list[Reward]:
        """Active rewards in order of (rank, id), after the last one seen."""
        query: dict[str, Any] = {"active": True}
        if after is not None:
            rank, reward_id = after
            query["$or"] = [{"rank": {"$gt": rank}}, {"rank": rank, "_id": {"$gt": reward_id}}]
            query["rank"] = {"$gte": rank}
        found = await self._rewards.find(query, sort=[("rank", 1), ("_id", 1)], limit=first).to_list()
        return cast("list[Reward]", found)

    # Redemptions

    async def put(self, redemption: Redemption, refused: Redemption | None) -> bool:
        """Add a redemption, or open the refused one anew; False when its id or its member's slot is taken."""
        try:
            if refused is None:
                await self._redemptions.insert_one(dict(redemption))
                return True
            replaced = await self._redemptions.replace_one(
                {"_id": refused["_id"], "status": "REFUSED", "attempt": refused["attempt"]}, dict(redemption)
            )
        except DuplicateKeyError:
            return False
        return replaced.modified_count == 1

    async def change(
        self,
        redemption_id: str,
        expected: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        free_slot: bool = False,
    ) -> Redemption | None:
        """Change a redemption that still is as expected; None when it is not. Raises KeyTaken."""
        update: dict[str, Any] = {"$set": dict(changes)}
        if free_slot:
            update["$unset"] = {"slot": ""}
        try:
            changed = await self._redemptions.find_one_and_update(
                {"_id": redemption_id, **expected}, update, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError as error:
            raise KeyTaken from error
        return cast("Redemption | None", changed)

    async def redemption(self, redemption_id: str) -> Redemption | None:
        """One redemption, visible or not."""
        return cast("Redemption | None", await self._redemptions.find_one({"_id": redemption_id}))

    async def redemptions(self, redemption_ids: Sequence[str]) -> dict[str, Redemption]:
        """Redemptions by id; unknown ids are left out."""
        found = await self._redemptions.find({"_id": {"$in": list(redemption_ids)}}).to_list()
        return {redemption["_id"]: cast("Redemption", redemption) for redemption in found}

    async def by_code(self, code: str) -> Redemption | None:
        """The redemption with this code."""
        return cast("Redemption | None", await self._redemptions.find_one({"code": code}))

    async def of_members(
        self,
        members: Sequence[str],
        statuses: Sequence[str] | None,
        after: tuple[datetime, str] | None,
        first: int,
    ) -> list[Redemption]:
        """Redemptions of these members that came about, latest first, after (reserved at, id) of the last one seen."""
        query: dict[str, Any] = {
            "member": {"$in": list(members)},
            "status": {"$in": list(statuses)} if statuses is not None else {"$nin": list(_HIDDEN)},
            "step": {"$ne": "reserving"},
        }
        if after is not None:
            reserved_at, redemption_id = after
            query["$or"] = [
                {"reserved_at": {"$lt": reserved_at}},
                {"reserved_at": reserved_at, "_id": {"$lt": redemption_id}},
            ]
            query["reserved_at"] = {"$lte": reserved_at}
        order = [("reserved_at", -1), ("_id", -1)]
        found = await self._redemptions.find(query, sort=order, limit=first).to_list()
        return cast("list[Redemption]", found)

    async def slots(self, members: Sequence[str], reward_ids: Sequence[str]) -> dict[str, set[int]]:
        """Which slots these members have in use, by reward."""
        taken: dict[str, set[int]] = {reward_id: set() for reward_id in reward_ids}
        query = {"member": {"$in": list(members)}, "reward": {"$in": list(reward_ids)}, "slot": {"$gt": 0}}
        async for redemption in self._redemptions.find(query, {"reward": 1, "slot": 1}):
            taken[redemption["reward"]].add(redemption["slot"])
        return taken

    async def under_way(self, step: Step, changed_before: datetime, first: int) -> list[Redemption]:
        """Redemptions whose step was left unfinished, oldest first."""
        query = {"step": step, "changed_at": {"$lte": changed_before}}
        found = await self._redemptions.find(query, sort=[("changed_at", 1)], limit=first).to_list()
        return cast("list[Redemption]", found)

    async def lapsed(self, now: datetime, first: int) -> list[Redemption]:
        """Reservations whose time is over and that nobody is working on."""
        query = {"status": "RESERVED", "reserved_until": {"$lte": now}, "step": None}
        found = await self._redemptions.find(query, sort=[("reserved_until", 1)], limit=first).to_list()
        return cast("list[Redemption]", found)

    # Vouchers

    async def add_vouchers(self, vouchers: Sequence[Voucher]) -> int:
        """Add codes to pools; those that are there already stay as they are. Returns how many are new."""
        try:
            await self._vouchers.insert_many([dict(voucher) for voucher in vouchers], ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE for failure in failures):
                raise
            return len(vouchers) - len(failures)
        return len(vouchers)

    async def take_voucher(self, reward_id: str, redemption_id: str) -> str | None:
        """The redemption's code: the one it has, else a free one, which nobody else can get; None when none is left."""
        had = await self._voucher_of(redemption_id)
        if had is None:
            try:
                had = await self._vouchers.find_one_and_update(
                    {"reward": reward_id, "free": True}, {"$set": {"redemption": redemption_id}, "$unset": {"free": ""}}
                )
            except DuplicateKeyError:
                had = None
        # Somebody who finishes the same redemption may have taken one first, perhaps the last; that one it is.
        had = had or await self._voucher_of(redemption_id)
        return cast("str", had["code"]) if had is not None else None

    async def _voucher_of(self, redemption_id: str) -> dict[str, Any] | None:
        return await self._vouchers.find_one({"redemption": redemption_id})
