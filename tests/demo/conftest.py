import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest

from app.core.clock import MovableClock
from app.core.database import Client, ensure_indexes
from app.demo import DemoServices
from app.demo.repository import INDEXES as DEMO
from app.demo.source import Source
from app.earning.repository import INDEXES as RULES
from app.earning.service import EarningService
from app.ledger.repository import INDEXES as LEDGER
from app.ledger.service import Ledger
from app.members import MemberService
from app.members.repository import INDEXES as MEMBERS
from app.products import ProductService
from app.products.repository import INDEXES as PRODUCTS
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from app.purchases.repository import INDEXES as PURCHASES
from app.purchases.service import PurchaseService
from app.rewards.repository import INDEXES as REWARDS
from app.rewards.service import RewardService
from app.stores import StoreService
from app.stores.repository import INDEXES as STORES
from app.tiers.service import TierService

NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
HOUSEHOLDS = 20
WEEKS = 2

Installation = Callable[[], AbstractAsyncContextManager[DemoServices]]


@pytest.fixture(scope="session")
def source() -> Source:
    """The year, with only those articles listed that a small sample needs."""
    return Source()


@pytest.fixture(scope="session")
def small_source() -> Source:
    small = Source()
    needed = {article for household in small.households for article in small.bought(household, small.since(WEEKS))}
    small.articles = {number: article for number, article in small.articles.items() if number in needed}
    return small


@pytest.fixture(scope="session")
def installation(client: Client) -> Installation:
    @asynccontextmanager
    async def install() -> AsyncIterator[DemoServices]:
        database = client[f"demo_{secrets.token_hex(6)}"]
        for indexes in (DEMO, RULES, LEDGER, MEMBERS, PRODUCTS, PURCHASES, REWARDS, STORES):
            await ensure_indexes(database, indexes)
        clock = MovableClock(NOW)
        programmes = ProgrammeService(database)
        await programmes.ensure(HARVEST)
        ledger = Ledger(database, clock)
        await ledger.start()
        members = MemberService(database, clock, programmes, ledger)
        products = ProductService(database, programmes)
        stores = StoreService(database, programmes)
        earning = EarningService(database, clock, programmes)
        tiers = TierService(programmes)
        rewards = RewardService(database, clock, ledger=ledger, programmes=programmes, members=members, tiers=tiers)
        purchases = PurchaseService(
            database,
            clock,
            ledger=ledger,
            programmes=programmes,
            members=members,
            products=products,
            stores=stores,
            earning=earning,
            tiers=tiers,
            rewards=rewards,
        )

        async def add_staff(email: str, name: str, roles: list[str]) -> None:
            await database["invited"].update_one({"_id": email}, {"$set": {"name": name, "roles": roles}}, upsert=True)

        yield DemoServices(
            database, clock, programmes, members, products, stores, earning, rewards, purchases, add_staff
        )
        await purchases.stop()
        await ledger.stop()
        await client.drop_database(database.name)

    return install
