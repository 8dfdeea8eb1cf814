"""Finding products, and taking in a catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from app.core.cursors import cursor_of
from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.text import starts_with, words
from app.products.barcodes import read_barcode
from app.products.models import NewProduct, Product, ProductPage
from app.products.repository import ProductRepository
from app.programme import ProgrammeService

_MOST_HITS = 100
_MOST_WORDS = 6
_LONGEST_TEXT = 200
_SHORTEST_PLURAL = 4
_SAY_NOTHING = frozenset(
    {"all", "and", "for", "in", "item", "items", "misc", "miscellaneous", "of", "or", "other", "others", "the", "with"}
)


class ProductService:
    """The catalogue as the till and the rules see it."""

    def __init__(self, database: Database, programmes: ProgrammeService) -> None:
        self._repository = ProductRepository(database)
        self._programmes = programmes

    async def by_ids(self, product_ids: Sequence[str]) -> dict[str, Product]:
        """Products by id; unknown ids are left out."""
        return await self._repository.by_ids(product_ids)

    async def by_skus(self, skus: Sequence[str]) -> dict[str, Product]:
        """Products by SKU; unknown ones are left out."""
        return await self._repository.by_field("sku", skus)

    async def by_barcodes(self, scanned: Sequence[str]) -> dict[str, Product]:
        """Products by barcode as scanned (EAN-8, UPC-A, EAN-13, GTIN-14); unknown ones are left out."""
        read = {text: barcode for text in scanned if (barcode := read_barcode(text))}
        found = await self._repository.by_field("barcode", list(read.values()))
        return {text: found[barcode] for text, barcode in read.items() if barcode in found}

    async def by_id(self, product_id: str) -> Product | None:
        """One product by id."""
        return (await self.by_ids([product_id])).get(product_id)

    async def by_sku(self, sku: str) -> Product | None:
        """One product by SKU."""
        return (await self.by_skus([sku])).get(sku)

    async def by_barcode(self, scanned: str) -> Product | None:
        """One product by its barcode as scanned."""
        return (await self.by_barcodes([scanned])).get(scanned)

    async def search(self, text: str, first: int = 20, after: str | None = None) -> ProductPage:
        """Find by the beginnings of words, a barcode or a SKU; what is bought most comes first. `first` is 1 to 100.

        Raises InvalidInput for a cursor that is none, or `first` out of range.
        """
        _check_page(first)
        written = text.strip()[:_LONGEST_TEXT]
        if after is None and written.isdigit() and (exact := await self._by_number(written)):
            return ProductPage([exact], [_cursor(exact)])
        wanted = _telling(written)
        if not wanted:
            return ProductPage()
        return await self._page([{"words": starts_with(word)} for word in wanted], first, after)

    async def catalogue(self, first: int = 20, after: str | None = None) -> ProductPage:
        """All products, what is bought most first. `first` is 1 to 100.

        Raises InvalidInput for a cursor that is none, or `first` out of range.
        """
        _check_page(first)
        return await self._page([], first, after)

    async def add(self, products: Sequence[NewProduct]) -> int:
        """Take products in; those whose id, SKU or barcode exists stay as they are. Returns how many are new."""
        return await self._repository.insert_many(await self.documents(products))

    def filling(self) -> AbstractAsyncContextManager[None]:
        """Surrounds the calls of `add` that bring a whole catalogue: into an empty one it goes in half the time."""
        return self._repository.filling()

    async def documents(self, products: Iterable[NewProduct]) -> list[Product]:
        """What `add` stores, without storing it."""
        programme = await self._programmes.current()
        return [_document(product, programme["_id"]) for product in products]

    async def count(self) -> int:
        """About how many products there are."""
        return await self._repository.count()

    async def _page(self, conditions: Sequence[Mapping[str, Any]], first: int, after: str | None) -> ProductPage:
        found = await self._repository.matching(conditions, after, first + 1)
        page = found[:first]
        return ProductPage(page, [_cursor(product) for product in page], len(found) > first)

    async def _by_number(self, digits: str) -> Product | None:
        return await self.by_barcode(digits) or await self.by_sku(digits)


def _check_page(first: int) -> None:
    if not 1 <= first <= _MOST_HITS:
        raise InvalidInput(("first",), f"Ask for 1 to {_MOST_HITS} at a time.")


def _cursor(product: Product) -> str:
    return cursor_of(product["popularity"], product["_id"])


def _telling(text: str) -> list[str]:
    """The beginnings to look for, longest first: of words that say something, and no lone letters beside longer ones.

    Every further one is looked up in the products that the first one finds, so that one letter must not come first.
    """
    found = [_stem(word) for word in words(text)[:_MOST_WORDS] if word not in _SAY_NOTHING]
    found.sort(key=len, reverse=True)
    return [word for word in found if len(word) > 1 or word.isdigit()] or found[:1]


def _stem(word: str) -> str:
    """The word without the "s" of a plural: beginnings are matched, so that the plural is still found."""
    return word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss") else word


def _document(product: NewProduct, programme_id: str) -> Product:
    return {
        "_id": product.id,
        "programme": programme_id,
        "sku": product.sku,
        "barcode": product.barcode,
        "name": product.name,
        "department": product.department,
        "category": product.category,
        "brand": product.brand,
        "size": product.size,
        "price": product.price,
        "popularity": product.popularity,
        "words": _found_by(product),
    }


def _found_by(product: NewProduct) -> list[str]:
    """The words of a product; "berries" are found as "berry" too, which they do not begin with."""
    # The middle dot before sizes is the only sign beyond ASCII in most names, and reading ASCII is four times faster.
    text = f"{product.name} {product.category}".replace("·", " ")
    plain = [word for word in words(text) if word not in _SAY_NOTHING]
    return list(dict.fromkeys([*plain, *(f"{word[:-3]}y" for word in plain if word.endswith("ies"))]))
