"""Storage of interactions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from app.core.database import Database, Index
from auth.interactions.models import InteractionDocument

COLLECTION = "interactions"
INDEXES = {COLLECTION: [Index((("expires_at", 1),), expire_after=0)]}


class InteractionRepository:
    """Reads and writes interactions."""

    def __init__(self, database: Database) -> None:
        self._interactions = database[COLLECTION]

    async def add(self, interaction: InteractionDocument) -> None:
        """Store a new interaction."""
        await self._interactions.insert_one(dict(interaction))

    async def find(self, interaction_id: str, binding: str, now: datetime) -> InteractionDocument | None:
        """The live interaction, in the browser that it belongs to."""
        query = {"_id": interaction_id, "binding": binding, "expires_at": {"$gt": now}}
        return cast("InteractionDocument | None", await self._interactions.find_one(query))

    async def update(self, interaction_id: str, changes: Mapping[str, Any]) -> None:
        """Change fields."""
        await self._interactions.update_one({"_id": interaction_id}, {"$set": dict(changes)})

    async def drop(self, interaction_id: str) -> bool:
        """End an interaction; returns whether this call did."""
        return (await self._interactions.delete_one({"_id": interaction_id})).deleted_count == 1
