"""The `programmes` collection: one document per service."""

from typing import cast

from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from app.programme.models import Programme

COLLECTION = "programmes"
INDEXES: dict[str, list[Index]] = {COLLECTION: []}
"""Found by `_id` alone."""


class ProgrammeRepository:
    """Reads and creates the programme's document."""

    def __init__(self, database: Database) -> None:
        self._programmes = database[COLLECTION]

    async def first(self) -> Programme | None:
        """The programme of this database; None before it was set up."""
        return cast("Programme | None", await self._programmes.find_one({}, sort=[("_id", 1)]))

    async def insert(self, programme: Programme) -> None:
        """Store a new programme; one that exists already is left as it is."""
        try:
            await self._programmes.insert_one(dict(programme))
        except DuplicateKeyError:
            return
