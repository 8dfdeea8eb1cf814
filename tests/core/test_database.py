from app.core.database import Database, Index, ensure_indexes


async def test_an_index_declared_otherwise_by_an_earlier_version_is_made_anew(database: Database) -> None:
    await ensure_indexes(database, {"things": [Index((("due", 1),)), Index((("name", 1),), unique=True)]})
    await database["things"].insert_one({"name": "kept", "due": 1})
    await ensure_indexes(database, {"things": [Index((("due", 1),), partial={"due": {"$gt": 0}})]})
    indexes = await database["things"].index_information()
    assert indexes["due_1"]["partialFilterExpression"] == {"due": {"$gt": 0}}
    assert indexes["name_1"]["unique"]
    assert await database["things"].count_documents({}) == 1
