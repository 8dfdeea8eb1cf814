"""Products of the catalogue."""

import strawberry

from app.products.models import Product as ProductDocument
from schema.connections import Connection
from schema.context import Context
from schema.fields import says
from schema.money import Amount, Money
from schema.nodes import Node


def _price(product: ProductDocument, context: Context) -> Amount:
    return Amount(product["price"], context.services.currency)


@strawberry.type(description="An article of the catalogue.")
class Product(Node):
    """Source: a stored product."""

    id: strawberry.ID = says("Id of the product.", key="_id")
    sku: str = says("The merchant's own number.")
    barcode: str | None = says("EAN-13, digits only.")
    name: str = says("Name for people.")
    category: str = says("Category that earning rules speak of.")
    department: str = says("Department that earning rules speak of.")
    brand: str | None = says("Brand, where known.")
    size: str | None = says("Size of the package, where known.")
    price: Money = says("Usual price of one.", load=_price)


ProductConnection = Connection[Product]
