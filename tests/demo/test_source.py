from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.demo.calendar import Calendar, weeks_to_move
from app.demo.catalogue import products
from app.demo.naming import product_name, size_name
from app.demo.people import people
from app.demo.places import stores
from app.demo.source import Skipped, Source
from app.products.barcodes import read_barcode

NEW_YORK = ZoneInfo("America/New_York")


def test_the_year_is_whole_and_what_is_left_out_is_counted(source: Source) -> None:
    skipped = Skipped()
    baskets = [basket for household in source.households for basket in source.baskets(household, 0, skipped)]
    assert len(source.households) == 2469
    assert len(source.stores) == 457
    assert len(baskets) + skipped.baskets_without_lines == 155_848
    lines = [line for basket in baskets for line in basket.lines]
    left_out = skipped.lines_without_goods_and_money + skipped.lines_of_unlisted_articles
    assert len(lines) + left_out == 1_469_307
    assert all(1 <= line.quantity <= 100 and line.cents >= 0 for line in lines)
    assert sum(line.cents for line in lines) == 459_586_701
    assert len({basket.number for basket in baskets}) == len(baskets)


def test_baskets_of_a_household_come_in_order_and_after_the_instant(source: Source) -> None:
    household = source.households[7]
    every = list(source.baskets(household, 0, Skipped()))
    assert [basket.at for basket in every] == sorted(basket.at for basket in every)
    middle = every[len(every) // 2].at
    assert list(source.baskets(household, middle, Skipped())) == [basket for basket in every if basket.at > middle]
    assert source.first_visit(household) == (every[0].at, every[0].store)


def test_every_article_becomes_a_product(source: Source) -> None:
    made = products(source)
    assert len(made) == 92_331
    assert len({product.barcode for product in made}) == len({product.sku for product in made}) == 92_331
    assert all(product.barcode and read_barcode(product.barcode) == product.barcode for product in made[:2000])
    assert all(product.barcode is not None and "20" <= product.barcode[:2] <= "29" for product in made)
    assert all(product.price > 0 and product.name.strip() for product in made)
    milk = next(product for product in made if product.sku == "1029743")
    assert (milk.name, milk.price, milk.popularity) == ("Fluid Milk, White Only · 1 gal", 269, 7874)
    assert (milk.department, milk.brand) == ("GROCERY", "Private")


@pytest.mark.parametrize(
    ("type_", "category", "department", "size", "name"),
    [
        ("FLUID MILK WHITE ONLY", "FLUID MILK PRODUCTS", "GROCERY", "1 GA", "Fluid Milk, White Only · 1 gal"),
        ("SHREDDED CHEESE", "CHEESE", "GROCERY", "8 OZ", "Shredded Cheese · 8 oz"),
        ("PREMIUM", "ICE CREAM/MILK/SHERBTS", "GROCERY", "56 OZ", "Ice Cream & Milk & Sherbts, Premium · 56 oz"),
        ("EGGS - X-LARGE", "EGGS", "GROCERY", "1 DZ", "Eggs, Extra Large · 1 dozen"),
        ("BANANAS", "TROPICAL FRUIT", "PRODUCE", "40 LB", "Bananas"),
        ("ONIONS YELLOW (BULK&BAG)", "ONIONS", "PRODUCE", "3 LB", "Onions Yellow · 3 lb"),
        ("BREAD:ITALIAN/FRENCH", "BREAD", "PASTRY", None, "Bread, Italian & French"),
        ("SNACKS WITH CUT OFF (EX", "BAG SNACKS", "GROCERY", None, "Snacks with Cut Off"),
        (None, "COFFEE", "GROCERY", "12 OZ", "Coffee · 12 oz"),
        (None, None, "CNTRL/STORE SUP", None, "Control & Store Sup"),
    ],
)
def test_names_can_be_read(
    type_: str | None, category: str | None, department: str, size: str | None, name: str
) -> None:
    assert product_name(type_, category, department, size) == name


@pytest.mark.parametrize(
    ("size", "read"),
    [("12.5 OZ", "12.5 oz"), ("(600) 4 LB", "4 lb"), ("L     8 OZ", "8 oz"), ("PT", "1 pt"), ("", None), ("***", None)],
)
def test_sizes_can_be_read(size: str, read: str | None) -> None:
    assert size_name(size) == read


def test_people_are_invented_the_same_way_every_time(source: Source) -> None:
    everybody = people(source.households)
    assert everybody == people(list(reversed(source.households)))
    assert len({person.email for person in everybody.values()}) == 2469
    assert len({person.phone for person in everybody.values()}) == 2469
    assert all(person.email.endswith("@example.com") and person.email.isascii() for person in everybody.values())
    assert all("55501" in person.phone for person in everybody.values())
    scripts = {name for person in everybody.values() for name in person.given_name if name >= "\u0590"}
    assert {"א", "م"} & scripts, "some names are written from right to left"
    assert (everybody[1].given_name, everybody[1].family_name) == ("Alejandro", "Núñez")


def test_stores_have_names_of_their_own(source: Source) -> None:
    made = stores(source.stores)
    assert len({store.name for store in made}) == len({store.id for store in made}) == 457
    assert made == stores(source.stores)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 14, 15, 9, tzinfo=UTC),
        datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
        datetime(2018, 1, 2, 12, 0, tzinfo=UTC),
    ],
)
def test_the_newest_basket_lies_just_before_today(source: Source, now: datetime) -> None:
    weeks = weeks_to_move(source.last_at, now, NEW_YORK)
    _, last_day = Calendar(weeks, NEW_YORK).moved(source.last_at)
    assert 1 <= (now.astimezone(NEW_YORK).date() - last_day).days <= 7


def test_weekday_and_hour_stay_over_daylight_saving() -> None:
    at = int(datetime(2017, 3, 12, 21, 30, tzinfo=UTC).timestamp())  # Sunday 17:30, the day clocks went forward
    for weeks in (0, 1, 33, 34, 470):
        moved, day = Calendar(weeks, NEW_YORK).moved(at)
        local = moved.astimezone(NEW_YORK)
        assert (local.isoweekday(), local.hour, local.minute) == (7, 17, 30)
        assert day == local.date() == date.fromordinal(date(2017, 3, 12).toordinal() + 7 * weeks)
