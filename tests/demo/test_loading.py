import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from app.demo import DemoServices, SilentProgress
from app.demo.calendar import Calendar, weeks_to_move
from app.demo.loading import Loaded, Loader, Part
from app.demo.offers import REWARDS, STAFF
from app.demo.repository import DemoRepository
from app.demo.services import Progress
from app.demo.source import Skipped, Source
from app.programme.defaults import HARVEST
from app.programme.service import zone_of
from tests.demo.conftest import HOUSEHOLDS, NOW, WEEKS, Installation

SAMPLE = Part("sample", HOUSEHOLDS, WEEKS)
TOTALS = ("members", "purchases", "entries", "products", "stores", "rewards", "redemptions", "vouchers")


async def load(services: DemoServices, source: Source, progress: Progress | None = None) -> Loaded:
    repository = DemoRepository(services.database)
    zone = zone_of(HARVEST)
    state = await repository.state(weeks_to_move(source.last_at, services.clock.now(), zone), services.clock.now())
    return await Loader(services, repository, source, Calendar(state["weeks"], zone), progress or SilentProgress()).run(
        SAMPLE
    )


async def totals(services: DemoServices) -> dict[str, Any]:
    counted: dict[str, Any] = {name: await services.database[name].count_documents({}) for name in TOTALS}
    members = await services.database["members"].find({}, {"_id": 1, "source": 1}).to_list()
    sums = await services.database["entries"].aggregate(
        [{"$group": {"_id": "$account", "points": {"$sum": "$points"}, "entries": {"$sum": 1}}}]
    )
    counted["points"] = {one["_id"]: (one["points"], one["entries"]) async for one in sums}
    counted["sources"] = {member["source"]: member["_id"] for member in members}
    return counted


@pytest.fixture(scope="module")
async def loaded(installation: Installation, small_source: Source) -> AsyncIterator[tuple[DemoServices, Loaded]]:
    async with installation() as services:
        yield services, await load(services, small_source)


async def test_every_basket_is_recorded_by_the_tills_own_path(
    loaded: tuple[DemoServices, Loaded], small_source: Source
) -> None:
    services, done = loaded
    members = await services.database["members"].find().to_list()
    assert len(members) == HOUSEHOLDS == done.members
    since = small_source.since(WEEKS)
    baskets = [
        basket
        for member in members
        for basket in small_source.baskets(int(member["source"].rpartition(":")[2]), since, Skipped())
    ]
    purchases = await services.database["purchases"].find().to_list()
    assert len(purchases) == len(baskets) == done.recorded > HOUSEHOLDS
    assert {purchase["receipt_number"] for purchase in purchases} == {str(basket.number) for basket in baskets}
    assert sum(purchase["total"] for purchase in purchases) == sum(
        line.cents for basket in baskets for line in basket.lines
    )
    assert all(purchase["occurred_at"] < NOW for purchase in purchases)
    joined = {member["_id"]: member["joined_at"] for member in members}
    assert all(joined[purchase["member"]] < purchase["occurred_at"] for purchase in purchases)


async def test_points_are_earned_and_histories_are_in_order(loaded: tuple[DemoServices, Loaded]) -> None:
    services, _ = loaded
    purchases = await services.database["purchases"].find().to_list()
    earned = sum(purchase["earned"] for purchase in purchases)
    entries = await services.database["entries"].find({"kind": "earn"}).sort("_id", 1).to_list()
    assert earned == sum(entry["points"] for entry in entries if entry["account"].startswith("mbr_")) > 0
    for account in {entry["account"] for entry in entries if entry["account"].startswith("mbr_")}:
        times = [entry["occurred_at"] for entry in entries if entry["account"] == account]
        assert times == sorted(times)


async def test_there_are_rewards_people_and_stores(loaded: tuple[DemoServices, Loaded]) -> None:
    services, _ = loaded
    catalogue = await services.rewards.catalog()
    assert {reward["kind"] for reward in catalogue} == {
        "FIXED_DISCOUNT",
        "PERCENT_DISCOUNT",
        "FREE_PRODUCT",
        "VOUCHER_CODE",
    }
    assert len(catalogue) == len(REWARDS)
    stock = await services.rewards.stock(catalogue)
    assert sum(units is not None and units > 0 for units in stock.values()) == 3
    assert await services.database["invited"].count_documents({}) == len(STAFF)
    assert len(await services.stores.search(first=100)) == 100
    milk = (await services.products.search("milk", first=1)).products[0]
    assert milk["name"].startswith("Fluid Milk")


async def test_loading_again_doubles_nothing(loaded: tuple[DemoServices, Loaded], small_source: Source) -> None:
    services, first = loaded
    before = await totals(services)
    # As after a crash in the last moment: nothing is noted as done, so that everything is tried again.
    await services.database["demo"].delete_many({"_id": {"$ne": "state"}})
    await services.database["demo"].update_one({"_id": "state"}, {"$set": {"done": []}})
    again = await load(services, small_source)
    assert (again.recorded, again.repeated) == (0, first.recorded)
    assert await totals(services) == before


async def test_a_killed_load_goes_on_where_it_was(
    installation: Installation, small_source: Source, loaded: tuple[DemoServices, Loaded]
) -> None:
    class EndsAfter(SilentProgress):
        """Kills the load after some purchases."""

        def __init__(self, purchases: int) -> None:
            self.left = purchases
            self.task = asyncio.current_task()

        def stage(self, name: str, total: int) -> Callable[[int], None]:
            return self._count if name == "Purchases" else super().stage(name, total)

        def _count(self, count: int) -> None:
            self.left -= count
            if self.left < 0 and self.task is not None:
                self.task.cancel()

    services, whole = loaded
    async with installation() as other:
        for kill_after in (5, 40):
            killed = asyncio.create_task(_load_and_die(other, small_source, EndsAfter, kill_after))
            with pytest.raises(asyncio.CancelledError):
                await killed
        part = await other.database["purchases"].count_documents({})
        assert 0 < part < whole.recorded
        await load(other, small_source)
        assert await other.database["purchases"].count_documents({}) == whole.recorded
        expected, found = await totals(services), await totals(other)
        for name in ("members", "purchases", "products", "stores", "redemptions"):
            assert found[name] == expected[name]
        earned = {source: expected["points"].get(member) for source, member in expected["sources"].items()}
        assert {source: found["points"].get(member) for source, member in found["sources"].items()} == earned


async def test_loading_more_leaves_alone_what_people_did_since(
    loaded: tuple[DemoServices, Loaded], small_source: Source
) -> None:
    services, _ = loaded
    reserved = await services.database["redemptions"].find_one({"status": "RESERVED"})
    assert reserved is not None
    await services.rewards.cancel(reserved["_id"], actor="agent:1")
    before = await totals(services)
    await load(services, small_source)
    assert await totals(services) == before


async def _load_and_die(
    services: DemoServices, source: Source, ends: Callable[[int], Progress], kill_after: int
) -> None:
    await load(services, source, ends(kill_after))
