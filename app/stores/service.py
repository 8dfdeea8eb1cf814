"""Finding stores, and taking them in."""

from collections.abc import Sequence

from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.text import starts_with, words
from app.programme import ProgrammeService
from app.stores.models import NewStore, Store
from app.stores.repository import StoreRepository

_MOST_HITS = 100
_MOST_WORDS = 6
_LONGEST_TEXT = 200


class StoreService:
    """The programme's stores."""

    def __init__(self, database: Database, programmes: ProgrammeService) -> None:
        self._repository = StoreRepository(database)
        self._programmes = programmes

    async def by_id(self, store_id: str) -> Store | None:
        """One store by id."""
        return (await self.by_ids([store_id])).get(store_id)

    async def by_ids(self, store_ids: Sequence[str]) -> dict[str, Store]:
        """Stores by id; unknown ids are left out."""
        return await self._repository.by_ids(store_ids)

    async def search(self, text: str | None = None, first: int = 50) -> list[Store]:
        """Stores in order of name, all of them or those with words that start so: of name, city or number.

        `first` is 1 to 100. Raises InvalidInput.
        """
        if not 1 <= first <= _MOST_HITS:
            raise InvalidInput(("first",), f"Ask for 1 to {_MOST_HITS} at a time.")
        wanted = words((text or "")[:_LONGEST_TEXT])[:_MOST_WORDS]
        if text and text.strip() and not wanted:
            return []
        return await self._repository.matching([{"words": starts_with(word)} for word in wanted], first)

    async def add(self, stores: Sequence[NewStore]) -> int:
        """Take stores in; those whose id or number exists stay as they are. Returns how many are new."""
        programme = await self._programmes.current()
        return await self._repository.insert_many(
            [
                {
                    "_id": store.id,
                    "programme": programme["_id"],
                    "number": store.number,
                    "name": store.name,
                    "city": store.city,
                    "words": words(f"{store.name} {store.city or ''} {store.number}"),
                }
                for store in stores
            ]
        )
