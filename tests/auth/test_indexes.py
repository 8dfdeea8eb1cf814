from datetime import UTC, datetime

from app.core.database import Database, ensure_indexes
from auth.assembly import INDEXES
from auth.clients.repository import ClientRepository
from auth.grants.repository import GrantRepository
from auth.identities.repository import IdentityRepository
from auth.sessions.repository import SessionRepository
from tests.profiling import profiling, scans

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


async def test_what_ends_with_something_else_is_found_by_index(database: Database) -> None:
    await ensure_indexes(database, INDEXES)
    sessions, grants = SessionRepository(database), GrantRepository(database)
    async with profiling(database) as seen:
        await sessions.end({"parent": {"$in": ["ses_1", "ses_2"]}}, NOW)
        await sessions.end({"upstream.issuer": "https://id.example", "upstream.sid": "s"}, NOW)
        await sessions.end({"upstream.issuer": "https://id.example", "upstream.subject": "s"}, NOW)
        await grants.revoke({"session_id": {"$in": ["ses_1", "ses_2"]}, "session_bound": True}, "session_ended", NOW)
        await IdentityRepository(database).staff()
        await ClientRepository(database).origins()
        await ClientRepository(database).all()
    assert len(seen) == 7
    assert scans(seen) == []
