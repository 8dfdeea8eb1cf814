"""A whole shop on a real database, and short ways to buy, return and redeem in it."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.core.clock import MovableClock
from app.core.database import Database, Index, ensure_indexes
from app.earning import repository as earning_repository
from app.earning.defaults import HARVEST_RULES
from app.earning.models import RuleSet
from app.earning.service import EarningService
from app.ledger import repository as ledger_repository
from app.ledger.models import Adjust, Balance
from app.ledger.service import Ledger
from app.members import MemberService
from app.members import repository as members_repository
from app.members.models import Joining, Member
from app.products import repository as products_repository
from app.products.models import NewProduct
from app.products.service import ProductService
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from app.programme.models import Programme
from app.purchases import repository as purchases_repository
from app.purchases.models import (
    LineInput,
    PreviewPurchase,
    Purchase,
    Recorded,
    RecordPurchase,
    RecordReturn,
    Returned,
    ReturnLineInput,
)
from app.purchases.service import PurchaseService
from app.rewards import repository as rewards_repository
from app.rewards.models import NewReward, Redemption
from app.rewards.service import RewardService
from app.stores import repository as stores_repository
from app.stores.models import NewStore
from app.stores.service import StoreService
from app.tiers.service import TierService

STORE = "str_000000000000000000000001"
TILL = "til_000000000000000000000001"
OTHER_TILL = "til_000000000000000000000002"
MILK = "prd_000000000000000000000001"
APPLES = "prd_000000000000000000000002"
FUEL = "prd_000000000000000000000003"
BREAD = "prd_000000000000000000000004"
PRODUCTS = (
    NewProduct(MILK, "1001", "2000000010014", "Whole milk", "GROCERY", "FLUID MILK", "National", "1 GA", 350),
    NewProduct(APPLES, "1002", "2000000010021", "Apples", "PRODUCE", "APPLES", "National", None, 200),
    NewProduct(FUEL, "1003", None, "Unleaded", "FUEL", "FUEL", None, None, 300),
    NewProduct(BREAD, "1004", None, "Rye bread", "PASTRY", "BREAD", "Private", None, 400),
)
INDEXES: dict[str, list[Index]] = {
    **earning_repository.INDEXES,
    **ledger_repository.INDEXES,
    **members_repository.INDEXES,
    **products_repository.INDEXES,
    **purchases_repository.INDEXES,
    **rewards_repository.INDEXES,
    **stores_repository.INDEXES,
}


def line(product: str, amount: str, quantity: int = 1, currency: str = "USD") -> LineInput:
    return LineInput(quantity=quantity, amount=Decimal(amount), currency=currency, product_id=product)


@dataclass
class Shop:
    database: Database
    clock: MovableClock
    ledger: Ledger
    programmes: ProgrammeService
    members: MemberService
    products: ProductService
    earning: EarningService
    tiers: TierService
    rewards: RewardService
    purchases: PurchaseService
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def again(self) -> "Shop":
        """A second process over the same database and ledger, knowing nothing yet."""
        return open_over(self.database, self.clock, self.ledger)

    async def member(self, name: str = "Amira Haddad") -> Member:
        number = next(self._numbers)
        joining = Joining(display_name=name, email=f"m{number}@example.com", accept_terms=True)
        return await self.members.join(f"idn_{number}", joining)

    async def give(self, member_id: str, points: int) -> None:
        await self.ledger.post(
            Adjust(
                account=member_id,
                operation=f"give:{next(self._numbers)}",
                occurred_at=self.clock.now(),
                actor="agent:idn_test",
                reason={"title": "A gift"},
                points=points,
            )
        )

    async def balance(self, member: Member) -> Balance:
        return await self.ledger.balance(member["_id"])

    def sale(self, *lines: LineInput, member: Member | None = None, **changes: Any) -> RecordPurchase:
        number = next(self._numbers)
        plain: dict[str, Any] = {
            "store_id": STORE,
            "till_id": TILL,
            "actor": f"till:{TILL}",
            "receipt_number": f"R-{number}",
            "business_date": date(2026, 3, 14),
            "occurred_at": self.clock.now(),
            "lines": lines or (line(MILK, "10.00"),),
            "idempotency_key": f"key-{number}",
            "member_id": member["_id"] if member else None,
        }
        return RecordPurchase(**{**plain, **changes})

    async def buy(self, *lines: LineInput, member: Member | None = None, **changes: Any) -> Recorded:
        return await self.purchases.record(self.sale(*lines, member=member, **changes))

    async def preview(self, *lines: LineInput, member: Member | None = None) -> int:
        wanted = PreviewPurchase(lines, member["_id"] if member else None)
        return (await self.purchases.preview(wanted)).earned

    async def bring_back(self, purchase: Purchase, *lines: ReturnLineInput, **changes: Any) -> Returned:
        number = next(self._numbers)
        plain: dict[str, Any] = {
            "purchase_id": purchase["_id"],
            "receipt_number": f"B-{number}",
            "occurred_at": self.clock.now(),
            "till_id": TILL,
            "actor": f"till:{TILL}",
            "idempotency_key": f"back-{number}",
            "lines": lines,
        }
        return await self.purchases.return_(RecordReturn(**{**plain, **changes}))

    async def offer(self, **changes: Any) -> str:
        plain: dict[str, Any] = {
            "id": f"rwd_{next(self._numbers):024x}",
            "kind": "FIXED_DISCOUNT",
            "name": "$5 off",
            "description": "Five dollars off your next shop.",
            "price": 100,
            "glyph": "tag",
            "discount": 500,
        }
        if changes.get("kind", "FIXED_DISCOUNT") != "FIXED_DISCOUNT":
            del plain["discount"]
        new = NewReward(**{**plain, **changes})
        await self.rewards.add(new)
        return new.id

    async def reserve(self, member: Member, reward_id: str, key: str | None = None) -> Redemption:
        return await self.rewards.reserve(member["_id"], reward_id, key or f"reserve-{next(self._numbers)}")


def open_over(
    database: Database, clock: MovableClock, ledger: Ledger, *, oldest: timedelta = timedelta(days=400)
) -> Shop:
    programmes = ProgrammeService(database)
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
        oldest=oldest,
    )
    return Shop(database, clock, ledger, programmes, members, products, earning, tiers, rewards, purchases)


@asynccontextmanager
async def open_shop(
    database: Database, clock: MovableClock, *, programme: Programme = HARVEST, rules: RuleSet = HARVEST_RULES
) -> AsyncIterator[Shop]:
    await ensure_indexes(database, INDEXES)
    ledger = Ledger(database, clock)
    await ledger.start()
    shop = open_over(database, clock, ledger)
    await shop.programmes.ensure(programme)
    await shop.earning.ensure(rules)
    await shop.products.add(PRODUCTS)
    await StoreService(database, shop.programmes).add([NewStore(STORE, "1", "Harvest Main Street", "Cincinnati")])
    try:
        yield shop
    finally:
        await shop.purchases.stop()
        await ledger.stop()


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def ids(purchases: Sequence[Purchase]) -> list[str]:
    return [purchase["_id"] for purchase in purchases]
