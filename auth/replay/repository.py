"""Storage of one-use identifiers: `jti` of client assertions, DPoP proofs and logout tokens."""

import hashlib
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from app.core.database import Database, Index

COLLECTION = "jtis"
INDEXES = {COLLECTION: [Index((("purge_at", 1),), expire_after=0)]}


class ReplayGuard:
    """Tells the first use of an identifier from every later one, across all processes."""

    def __init__(self, database: Database) -> None:
        self._seen = database[COLLECTION]

    async def first_use(self, kind: str, issuer: str, jti: str, until: datetime) -> bool:
        """Whether this is the first use; `until` is when the token itself stops being accepted."""
        key = hashlib.sha256(f"{kind}\x00{issuer}\x00{jti}".encode()).hexdigest()
        try:
            await self._seen.insert_one({"_id": key, "purge_at": until})
        except DuplicateKeyError:
            return False
        return True
