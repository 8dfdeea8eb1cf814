from dataclasses import dataclass, field

import pytest

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.members import MemberService
from app.members.repository import INDEXES
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST


@dataclass
class Moves:
    """Stands where the ledger stands: remembers what was to be moved, and can break down in between."""

    made: list[tuple[str, str, str, str]] = field(default_factory=list)
    broken: bool = False

    async def merge(self, survivor: str, merged: str, operation: str, actor: str, reason: str) -> None:
        await self._move("merge", survivor, merged, operation)

    async def unmerge(self, survivor: str, merged: str, operation: str, actor: str, reason: str) -> None:
        await self._move("unmerge", survivor, merged, operation)

    async def _move(self, verb: str, survivor: str, merged: str, operation: str) -> None:
        if self.broken:
            raise ConnectionError("the ledger's database went away")
        if (move := (verb, survivor, merged, operation)) not in self.made:
            self.made.append(move)


@pytest.fixture
def moves() -> Moves:
    return Moves()


@pytest.fixture
async def members(database: Database, clock: MovableClock, moves: Moves) -> MemberService:
    await ensure_indexes(database, INDEXES)
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    return MemberService(database, clock, programmes, moves)
