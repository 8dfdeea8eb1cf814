import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.database import Database, ensure_indexes
from app.core.errors import InvalidInput
from app.products import ProductService
from app.products.barcodes import in_store_barcode, read_barcode
from app.products.models import NewProduct
from app.products.repository import INDEXES
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST


def product(number: int, name: str, popularity: int, category: str = "Grocery") -> NewProduct:
    return NewProduct(
        id=f"prd_{number:024x}",
        sku=str(number),
        barcode=in_store_barcode(number),
        name=name,
        department="Grocery",
        category=category,
        brand="Harvest",
        size=None,
        price=249,
        popularity=popularity,
    )


SHELF = [
    product(1, "Fluid Milk, White Only · 1 gal", 7874),
    product(2, "Chocolate Milk", 2932),
    product(3, "Milk Chocolate Bar", 40),
    product(4, "Strawberries · 16 oz", 3551, "Berries"),
    product(5, "Eggs, Large · 18 ct", 2404),
    product(6, "Sour Cream · 16 oz", 1541, "Milk By-Products"),
    product(7, "Jalapeño Salsa", 12),
]


@pytest.fixture
async def products(database: Database) -> ProductService:
    await ensure_indexes(database, INDEXES)
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    service = ProductService(database, programmes)
    await service.add(SHELF)
    return service


async def found(products: ProductService, text: str) -> list[str]:
    return [one["sku"] for one in (await products.search(text)).products]


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("milk", ["1", "2", "6", "3"]),
        ("MIL", ["1", "2", "6", "3"]),
        ("milk choc", ["2", "3"]),
        ("all the milk", ["1", "2", "6", "3"]),
        ("m c", ["1", "2", "6", "3"]),
        ("whole milk", []),
        ("strawberry", ["4"]),
        ("strawberries", ["4"]),
        ("egg", ["5"]),
        ("eggs 18", ["5"]),
        ("jalapeno", ["7"]),
        ("1", ["1"]),
        (in_store_barcode(5), ["5"]),
        (".*", []),
        ("\x00", []),
        ("", []),
        ("²", []),
    ],
)
async def test_the_till_finds_what_is_bought_most_first(products: ProductService, text: str, skus: list[str]) -> None:
    assert await found(products, text) == skus


async def test_pages_follow_each_other(products: ProductService) -> None:
    first = await products.search("milk", first=3)
    rest = await products.search("milk", first=3, after=first.cursors[-1])
    assert [one["sku"] for one in first.products + rest.products] == ["1", "2", "6", "3"]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_the_whole_catalogue_is_read_in_pages(products: ProductService) -> None:
    read: list[str] = []
    after = None
    while True:
        page = await products.catalogue(3, after)
        read += [one["sku"] for one in page.products]
        after = page.cursors[-1]
        if not page.has_next:
            break
    assert read == ["1", "4", "2", "5", "6", "3", "7"]


async def test_bad_paging_is_refused(products: ProductService) -> None:
    for first, after in ((0, None), (101, None), (5, "nonsense"), (5, "WyJ4IiwiYSJd")):
        with pytest.raises(InvalidInput):
            await products.search("milk", first, after)
        with pytest.raises(InvalidInput):
            await products.catalogue(first, after)


async def test_products_are_found_by_every_number(products: ProductService) -> None:
    milk = await products.by_sku("1")
    assert milk is not None
    assert milk == await products.by_barcode(in_store_barcode(1)) == await products.by_id(milk["_id"])
    assert await products.by_barcode(f" {in_store_barcode(1)} ") == milk
    assert await products.by_barcode("0" + in_store_barcode(1)) == milk
    assert await products.by_barcode("2000000000019") is None
    assert await products.by_barcode("{}") is None
    assert await products.by_sku("nothing") is None
    assert list(await products.by_barcodes([in_store_barcode(2), "x", in_store_barcode(99)])) == [in_store_barcode(2)]


async def test_taking_in_twice_doubles_nothing(products: ProductService) -> None:
    assert await products.add([*SHELF, product(8, "New", 0)]) == 1
    assert await products.count() == 8


async def test_an_empty_catalogue_is_filled_without_indexes_and_has_them_after(database: Database) -> None:
    await ensure_indexes(database, INDEXES)
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    service = ProductService(database, programmes)
    declared = set(await database["products"].index_information())

    async def cut_short() -> None:
        async with service.filling():
            await service.add(SHELF[:3])
            assert set(await database["products"].index_information()) == {"_id_"}
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await cut_short()
    assert set(await database["products"].index_information()) == declared
    async with service.filling():
        assert set(await database["products"].index_information()) == declared, "it is not empty any more"
        await service.add(SHELF)
    assert await found(service, "milk") == ["1", "2", "6", "3"]


async def test_no_search_reads_a_whole_collection(products: ProductService, database: Database) -> None:
    await database.command("profile", 2)
    await products.search("milk", after=(await products.search("milk choc")).cursors[0])
    await products.search("123")
    await products.by_barcode(in_store_barcode(1))
    await database.command("profile", 0)
    ran = await database["system.profile"].find({"ns": f"{database.name}.products"}).to_list()
    assert len(ran) >= 5
    assert [one["command"] for one in ran if "COLLSCAN" in one.get("planSummary", "")] == []


@given(st.integers(0, 10**10 - 1), st.integers(0, 12), st.integers(1, 9))
def test_a_misread_digit_is_noticed(number: int, place: int, by: int) -> None:
    barcode = in_store_barcode(number)
    assert read_barcode(barcode) == barcode
    wrong = barcode[:place] + str((int(barcode[place]) + by) % 10) + barcode[place + 1 :]
    assert read_barcode(wrong) is None


@pytest.mark.parametrize(
    ("scanned", "read"),
    [
        ("4006381333931", "4006381333931"),
        ("036000291452", "0036000291452"),
        ("96385074", "0000096385074"),
        ("14006381333938", None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", None),
    ],
)
def test_every_retail_barcode_is_read(scanned: str, read: str | None) -> None:
    assert read_barcode(scanned) == read
