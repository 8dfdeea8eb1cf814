from datetime import timedelta

from app.core.clock import MovableClock
from app.core.database import Database, Document, ensure_indexes
from app.core.outbox import COLLECTION, INDEXES, Outbox


async def test_a_failing_message_holds_back_its_own_key_only_and_is_retried(
    database: Database, clock: MovableClock
) -> None:
    outbox = Outbox(database, clock)
    seen: list[str] = []
    broken = True

    async def deliver(payload: Document) -> None:
        if payload["name"] == "first" and broken:
            raise ConnectionError("the other side is away")
        seen.append(payload["name"])

    outbox.register("hook", deliver)
    await outbox.add("hook", "member-a", {"name": "first"})
    await outbox.add("hook", "member-a", {"name": "second"})
    await outbox.add("hook", "member-b", {"name": "other"})
    assert await outbox.deliver_due() == 1
    assert seen == ["other"]
    broken = False
    assert await outbox.deliver_due() == 0
    clock.advance(timedelta(seconds=5))
    assert await outbox.deliver_due() == 2
    assert seen == ["other", "first", "second"]


async def test_the_same_message_id_is_stored_once(database: Database, clock: MovableClock) -> None:
    await ensure_indexes(database, INDEXES)
    outbox = Outbox(database, clock)
    await outbox.add("hook", "k", {}, message_id="once")
    await outbox.add("hook", "k", {}, message_id="once")
    assert await database[COLLECTION].count_documents({}) == 1


async def test_after_days_a_message_is_dead_until_it_is_replayed(database: Database, clock: MovableClock) -> None:
    outbox = Outbox(database, clock)
    away = True

    async def deliver(_payload: Document) -> None:
        if away:
            raise ConnectionError("away")

    outbox.register("hook", deliver)
    await outbox.add("hook", "k", {})
    for _ in range(60):
        await outbox.deliver_due()
        clock.advance(timedelta(hours=2))
    stored = await database[COLLECTION].find_one()
    assert stored is not None
    assert stored["state"] == "dead"
    away = False
    assert await outbox.replay("k") == 1
    assert await outbox.deliver_due() == 1
