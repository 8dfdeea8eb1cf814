"""The `demo` collection: what has been loaded, so that repeating and resuming double nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, cast

from app.core.database import Database, Index

COLLECTION = "demo"
INDEXES: dict[str, list[Index]] = {COLLECTION: []}
"""Found by `_id` alone: "state", and "<part>:<household>" with how many of its baskets are recorded."""

SLICE = "slice"
YEAR = "year"
_STATE = "state"


class DemoState(TypedDict):
    """How far loading got: `weeks` the year was moved by, fixed by the first load, and the parts that are `done`."""

    _id: str
    weeks: int
    started_at: datetime
    done: list[str]


class DemoRepository:
    """Remembers what the demonstration has loaded."""

    def __init__(self, database: Database) -> None:
        self._demo = database[COLLECTION]

    async def state(self, weeks: int, now: datetime) -> DemoState:
        """The state; the first call makes it, with the weeks given then for ever."""
        fresh = {"weeks": weeks, "started_at": now, "done": []}
        await self._demo.update_one({"_id": _STATE}, {"$setOnInsert": fresh}, upsert=True)
        return cast("DemoState", await self._demo.find_one({"_id": _STATE}))

    async def is_whole(self, part: str) -> bool:
        """Whether everything of a part is there; the year has the slice in it."""
        return await self._demo.find_one({"_id": _STATE, "done": {"$in": [part, YEAR]}}, {"_id": 1}) is not None

    async def finish(self, part: str) -> None:
        """Note that a part is whole."""
        await self._demo.update_one({"_id": _STATE}, {"$addToSet": {"done": part}})

    async def recorded(self, part: str, households: Sequence[int]) -> dict[int, int]:
        """How many baskets of each household are recorded, from the first on; those without any are left out."""
        ids = [f"{part}:{household}" for household in households]
        found = await self._demo.find({"_id": {"$in": ids}}).to_list()
        return {int(one["_id"].rpartition(":")[2]): one["baskets"] for one in found}

    async def note(self, part: str, household: int, baskets: int) -> None:
        """Note that so many baskets of a household are recorded."""
        await self._demo.update_one({"_id": f"{part}:{household}"}, {"$max": {"baskets": baskets}}, upsert=True)
