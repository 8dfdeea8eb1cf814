from collections.abc import AsyncIterator

import pytest

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.ledger.errors import LedgerUnavailable
from app.ledger.models import EntryDocument, Reason
from app.ledger.repository import INDEXES as LEDGER_INDEXES
from app.ledger.service import Ledger
from app.members import MemberService
from app.members.repository import INDEXES
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST


class BreakableLedger(Ledger):
    """The ledger, with a database that goes away when it is told to."""

    broken = False

    async def merge(
        self, survivor: str, merged: str, operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        if self.broken:
            raise LedgerUnavailable
        return await super().merge(survivor, merged, operation, actor, reason)

    async def unmerge(
        self, survivor: str, merged: str, operation: str, merge_operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        if self.broken:
            raise LedgerUnavailable
        return await super().unmerge(survivor, merged, operation, merge_operation, actor, reason)


@pytest.fixture
async def ledger(database: Database, clock: MovableClock) -> AsyncIterator[BreakableLedger]:
    await ensure_indexes(database, LEDGER_INDEXES)
    ledger = BreakableLedger(database, clock)
    await ledger.start()
    yield ledger
    await ledger.stop()


@pytest.fixture
async def members(database: Database, clock: MovableClock, ledger: BreakableLedger) -> MemberService:
    await ensure_indexes(database, INDEXES)
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    return MemberService(database, clock, programmes, ledger)
