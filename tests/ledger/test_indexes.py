from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.ledger.repository import INDEXES, LedgerRepository
from tests.profiling import profiling, scans


async def test_work_that_fell_due_is_found_by_index(database: Database, clock: MovableClock) -> None:
    await ensure_indexes(database, INDEXES)
    repository = LedgerRepository(database)
    async with profiling(database) as seen:
        await repository.due_accounts(clock.now(), 10)
        await repository.open_sagas(clock.now())
        await repository.find([("mbr_a", "h1"), ("mbr_b", "h1")], related=True)
    assert len(seen) == 3
    assert scans(seen) == []
