"""Loading the demonstration: programme, stores, products, members, and their baskets through the till's own path.

Every step may be repeated and may be cut short: ids follow from the data, receipts count once, and how far each
household got is noted. A household's baskets are recorded one after the other, so that its history is in order; many
households are in flight at once, so that the ledger commits many entries together.
"""

import asyncio
import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from app.demo.calendar import Calendar, weeks_to_move
from app.demo.catalogue import product_id, products
from app.demo.offers import Goings, add_rewards, add_staff
from app.demo.people import Person, people
from app.demo.places import store_id, stores, till_id
from app.demo.repository import SLICE, YEAR, DemoRepository
from app.demo.services import DemoServices, Progress
from app.demo.source import Basket, Skipped, Source
from app.earning.defaults import HARVEST_RULES
from app.members.models import ImportedMember, Member
from app.products.models import NewProduct
from app.programme.defaults import HARVEST
from app.programme.service import zone_of
from app.purchases.errors import Busy
from app.purchases.models import Known, LineInput, RecordPurchase

SLICE_HOUSEHOLDS = 300
SLICE_WEEKS = 13
_WHOLE_YEAR = 60
_OLDEST = timedelta(weeks=_WHOLE_YEAR)
_HOUSEHOLDS_AT_ONCE = 96
_PRODUCTS_AT_ONCE = 1000
_MEMBERS_AT_ONCE = 500
_JOINED_BEFORE = timedelta(minutes=10)
_NOTE_EVERY = 20
_ATTEMPTS = 8
_PATIENCE = 0.05
_PRODUCTS = "products"
_COLLECT_SELDOM = (50_000, 20, 100)


@dataclass(slots=True)
class Loaded:
    """What a load did; `recorded` counts new purchases, `repeated` those that had been there."""

    members: int = 0
    recorded: int = 0
    repeated: int = 0
    skipped: Skipped = field(default_factory=Skipped)


async def load_demo(services: DemoServices, progress: Progress, *, everything: bool) -> Loaded:
    """Load 300 households' last 13 weeks, or `everything`: the year of all 2,469. Repeating finds nothing left to do.

    Raises DemoDataMissing when the package with the data is not installed.
    """
    part = _YEAR if everything else _SLICE
    repository = DemoRepository(services.database)
    if await repository.is_whole(part.name):
        return Loaded()
    programme = await services.programmes.ensure(HARVEST)
    source = await asyncio.to_thread(Source)
    zone = zone_of(programme)
    now = services.clock.now()
    state = await repository.state(weeks_to_move(source.last_at, now, zone), now)
    loader = Loader(services, repository, source, Calendar(state["weeks"], zone), progress)
    return await loader.run(part)


@dataclass(frozen=True, slots=True)
class Part:
    """What to load: so many households (None = all) and so many weeks."""

    name: str
    households: int | None
    weeks: int


_SLICE = Part(SLICE, SLICE_HOUSEHOLDS, SLICE_WEEKS)
_YEAR = Part(YEAR, None, _WHOLE_YEAR)


class Loader:
    """Loads one part of the source."""

    def __init__(
        self,
        services: DemoServices,
        repository: DemoRepository,
        source: Source,
        calendar: Calendar,
        progress: Progress,
    ) -> None:
        self._services = services
        self._repository = repository
        self._source = source
        self._calendar = calendar
        self._progress = progress
        self._loaded = Loaded()

    async def run(self, part: Part) -> Loaded:
        """Load what is missing of a part and say what was done."""
        households = self._choose(part)
        await self._services.earning.ensure(HARVEST_RULES)
        await self._services.stores.add(stores(self._source.stores))
        await add_staff(self._services)
        await add_rewards(self._services)
        catalogue = await asyncio.to_thread(products, self._source)
        with _left_alone_by_the_collector():
            async with asyncio.TaskGroup() as group:
                # The database indexes products while we work on purchases; those need the products' facts only.
                group.create_task(self._load_products(catalogue))
                members = await self._load_members(households)
                await self._load_purchases(part, members, catalogue)
        await Goings(self._services).run(list(members.values()))
        await self._repository.finish(part.name)
        return self._loaded

    def _choose(self, part: Part) -> list[int]:
        if part.households is None:
            return self._source.households
        shopping = self._source.shopping_since(part.weeks)
        chance = random.Random(part.name)  # noqa: S311 -- the same sample every time, no secret
        return sorted(chance.sample(shopping, min(part.households, len(shopping))))

    async def _load_products(self, catalogue: Sequence[NewProduct]) -> None:
        if await self._repository.is_whole(_PRODUCTS):
            return
        advance = self._progress.stage("Products", len(catalogue))
        async with self._services.products.filling():
            for start in range(0, len(catalogue), _PRODUCTS_AT_ONCE):
                batch = catalogue[start : start + _PRODUCTS_AT_ONCE]
                await self._services.products.add(batch)
                advance(len(batch))
        await self._repository.finish(_PRODUCTS)

    async def _load_members(self, households: Sequence[int]) -> dict[int, Member]:
        advance = self._progress.stage("Members", len(households))
        everybody = people(self._source.households)
        members: dict[int, Member] = {}
        for start in range(0, len(households), _MEMBERS_AT_ONCE):
            batch = households[start : start + _MEMBERS_AT_ONCE]
            imported = await self._services.members.import_members(
                [self._member(household, everybody[household]) for household in batch]
            )
            members |= {household: imported[_source_name(household)] for household in batch}
            advance(len(batch))
        self._loaded.members = len(members)
        return members

    def _member(self, household: int, person: Person) -> ImportedMember:
        at, store = self._source.first_visit(household)
        return ImportedMember(
            source=_source_name(household),
            given_name=person.given_name,
            family_name=person.family_name,
            joined_at=self._calendar.moved(at)[0] - _JOINED_BEFORE,
            joined_store=store_id(store),
            email=person.email,
            phone=person.phone,
            language=person.language,
            birthday=person.birthday,
        )

    async def _load_purchases(self, part: Part, members: dict[int, Member], catalogue: Sequence[NewProduct]) -> None:
        since = self._source.since(part.weeks)
        counts = {household: self._source.count_baskets(household, since) for household in members}
        recorded = await self._repository.recorded(part.name, list(members))
        advance = self._progress.stage("Purchases", sum(counts.values()))
        bought = {product_id(article) for household in members for article in self._source.bought(household, since)}
        facts = await self._services.products.documents(product for product in catalogue if product.id in bought)
        known = Known(
            members={member["_id"]: member for member in members.values()},
            products={product["_id"]: product for product in facts},
        )
        # The busiest first, so that the last to end is a short one.
        left = iter(sorted(members, key=lambda household: counts[household], reverse=True))

        async def work() -> None:
            for household in left:
                before = recorded.get(household, 0)
                baskets = list(self._source.baskets(household, since, self._loaded.skipped))
                advance(before + counts[household] - len(baskets))
                for number, basket in enumerate(baskets[before:], before + 1):
                    await self._record(basket, members[household], known)
                    advance(1)
                    if number % _NOTE_EVERY == 0 or number == len(baskets):
                        await self._repository.note(part.name, household, number)

        async with asyncio.TaskGroup() as group:
            for _ in range(_HOUSEHOLDS_AT_ONCE):
                group.create_task(work())

    async def _record(self, basket: Basket, member: Member, known: Known) -> None:
        command = self._command(basket, member)
        for attempt in range(_ATTEMPTS):
            try:
                recorded = await self._services.purchases.record(command, known=known, oldest=_OLDEST)
            except Busy:
                if attempt == _ATTEMPTS - 1:
                    raise
                await asyncio.sleep(_PATIENCE * 2**attempt)
                continue
            if recorded.duplicate:
                self._loaded.repeated += 1
            else:
                self._loaded.recorded += 1
            return

    def _command(self, basket: Basket, member: Member) -> RecordPurchase:
        occurred_at, business_date = self._calendar.moved(basket.at)
        till = till_id(basket.store, basket.number)
        return RecordPurchase(
            store_id=store_id(basket.store),
            till_id=till,
            actor=f"till:{till}",
            receipt_number=str(basket.number),
            business_date=business_date,
            occurred_at=occurred_at,
            lines=tuple(
                LineInput(
                    quantity=line.quantity,
                    amount=Decimal(line.cents).scaleb(-2),
                    currency=HARVEST["currency"],
                    product_id=product_id(line.article),
                )
                for line in basket.lines
            ),
            idempotency_key=f"demo:{basket.number}",
            member_id=member["_id"],
        )


@contextmanager
def _left_alone_by_the_collector() -> Iterator[None]:
    """Spare Python's cycle collector the catalogue, which it would walk again and again: a fifth of the whole time."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECT_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _source_name(household: int) -> str:
    return f"completejourney:household:{household}"
