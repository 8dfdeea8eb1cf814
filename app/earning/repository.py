"""The `rule_sets` collection: every version ever published, never changed."""

from typing import cast

from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index
from app.earning.models import RuleSetDocument

COLLECTION = "rule_sets"
INDEXES: dict[str, list[Index]] = {COLLECTION: [Index((("programme", 1), ("version", 1)), unique=True)]}


class RuleSetRepository:
    """Reads and adds rule sets."""

    def __init__(self, database: Database) -> None:
        self._sets = database[COLLECTION]

    async def all_of(self, programme: str) -> list[RuleSetDocument]:
        """Every version of a programme, oldest first."""
        found = await self._sets.find({"programme": programme}, sort=[("version", 1)]).to_list()
        return cast("list[RuleSetDocument]", found)

    async def insert(self, document: RuleSetDocument) -> bool:
        """Add a version; False when that version exists already."""
        try:
            await self._sets.insert_one(dict(document))
        except DuplicateKeyError:
            return False
        return True
