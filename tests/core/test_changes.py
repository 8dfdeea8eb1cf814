import asyncio

from app.core.changes import Change, ChangeFeed
from app.core.database import Database


async def test_a_listener_hears_its_own_topic_only(database: Database) -> None:
    await database.create_collection("entries")
    feed = ChangeFeed(database, {"entries": lambda document: document["a"]}, ["a", "n"])
    await feed.start()
    try:
        async with feed.listen("anna") as changes:
            await database["entries"].insert_many([{"a": "ben", "n": 1}, {"a": "anna", "n": 2, "long": "x"}])
            change: Change = await asyncio.wait_for(anext(changes), 10)
            assert change.document.keys() == {"_id", "a", "n"}
            assert change.document["n"] == 2
        assert feed.healthy
    finally:
        await feed.stop()


async def test_a_listener_that_falls_behind_is_told_that_it_missed_something(database: Database) -> None:
    await database.create_collection("entries")
    feed = ChangeFeed(database, {"entries": lambda document: document["a"]}, ["a", "n"])
    await feed.start()
    try:
        async with feed.listen("anna") as changes, feed.listen("last") as last:
            await database["entries"].insert_many([{"a": "anna", "n": n} for n in range(100)])
            await database["entries"].insert_one({"a": "last"})
            await asyncio.wait_for(anext(last), 10)
            first = await asyncio.wait_for(anext(changes), 10)
            assert first.collection == ""
    finally:
        await feed.stop()
