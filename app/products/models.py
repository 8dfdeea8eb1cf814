"""Stored shape of a product, and what a search answers."""

from dataclasses import dataclass, field
from typing import TypedDict


class Product(TypedDict):
    """An article. `department`, `category` and `brand` are what earning rules speak of."""

    _id: str
    programme: str
    sku: str
    barcode: str | None
    """EAN-13, digits only."""
    name: str
    department: str
    category: str
    brand: str | None
    size: str | None
    price: int
    """Usual price of one, in minor units of the programme's currency."""
    popularity: int
    """How often it was bought, in baskets; orders search results."""
    words: list[str]
    """Plain words that it is found by."""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product as an import brings it; `id` is "prd_" and 24 hex digits."""

    id: str
    sku: str
    barcode: str | None
    name: str
    department: str
    category: str
    brand: str | None
    size: str | None
    price: int
    popularity: int = 0


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Some products, most bought first, a cursor for each, and whether more follow."""

    products: list[Product] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    has_next: bool = False
