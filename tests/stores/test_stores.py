import pytest

from app.core.database import Database, ensure_indexes
from app.core.errors import InvalidInput
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from app.stores import StoreService
from app.stores.models import NewStore
from app.stores.repository import INDEXES

SHOPS = [
    NewStore(f"str_{number:024x}", str(number), name, city)
    for number, name, city in ((1, "Harvest Old Mill", "Brookhaven"), (2, "Harvest Café Row", None), (3, "Elm", "Ash"))
]


@pytest.fixture
async def stores(database: Database) -> StoreService:
    await ensure_indexes(database, INDEXES)
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    service = StoreService(database, programmes)
    assert await service.add(SHOPS) == 3
    return service


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (None, ["3", "2", "1"]),
        ("", ["3", "2", "1"]),
        ("harv", ["2", "1"]),
        ("brook", ["1"]),
        ("cafe", ["2"]),
        ("3", ["3"]),
        ("mill brook", ["1"]),
        ("!!", []),
    ],
)
async def test_stores_are_found(stores: StoreService, text: str | None, numbers: list[str]) -> None:
    assert [store["number"] for store in await stores.search(text)] == numbers


async def test_bounds_and_repeats(stores: StoreService) -> None:
    assert await stores.add(SHOPS) == 0
    assert await stores.by_id("str_none") is None
    shop = await stores.by_id(SHOPS[0].id)
    assert shop is not None
    assert shop["city"] == "Brookhaven"
    with pytest.raises(InvalidInput):
        await stores.search(first=0)


async def test_no_search_reads_a_whole_collection(stores: StoreService, database: Database) -> None:
    await database.command("profile", 2)
    await stores.search()
    await stores.search("old mill")
    await stores.by_id(SHOPS[0].id)
    await database.command("profile", 0)
    ran = await database["system.profile"].find({"ns": f"{database.name}.stores"}).to_list()
    assert len(ran) == 3
    assert [one["command"] for one in ran if "COLLSCAN" in one.get("planSummary", "")] == []
