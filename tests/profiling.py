"""What MongoDB did: its profiler, watching a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.core.database import Database


@asynccontextmanager
async def profiling(database: Database) -> AsyncIterator[list[dict[str, Any]]]:
    """Yields a list that has every planned command of the block once it is over."""
    seen: list[dict[str, Any]] = []
    await database.command("profile", 2)
    try:
        yield seen
    finally:
        await database.command("profile", 0)
        seen += await database["system.profile"].find({"planSummary": {"$exists": True}}).to_list()
        await database.drop_collection("system.profile")


def scans(seen: list[dict[str, Any]]) -> list[str]:
    """The commands that read a collection from end to end."""
    return [f"{one['ns']}: {one['command']}" for one in seen if "COLLSCAN" in one["planSummary"]]
