"""The grocer's product list as products."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median_low

from app.demo.naming import product_name, size_name
from app.demo.source import Article, Source
from app.products.barcodes import in_store_barcode
from app.products.models import NewProduct

_PRICE_OF_LAST_RESORT = 199


def product_id(article: int) -> str:
    """The product's id, from the article's number."""
    return f"prd_{article:024x}"


def products(source: Source) -> list[NewProduct]:
    """Every article as a product, with its typical price and how often it was bought; the most bought first.

    What was never sold costs what is typical of its type, its category or its department.
    """
    prices = source.typical_prices()
    popularity = source.popularity()
    usual = _usual_prices(source.articles.values(), prices)
    found = [
        _product(article, _price(article, prices, usual), popularity.get(article.number, 0))
        for article in source.articles.values()
    ]
    return sorted(found, key=lambda product: product.popularity, reverse=True)


def _price(article: Article, prices: dict[int, int], usual: dict[tuple[str, str | None], int]) -> int:
    price = prices.get(article.number)
    if price is None:
        price = next((usual[kind] for kind in _kinds(article) if kind in usual), _PRICE_OF_LAST_RESORT)
    return price


def _product(article: Article, price: int, popularity: int) -> NewProduct:
    return NewProduct(
        id=product_id(article.number),
        sku=str(article.number),
        barcode=in_store_barcode(article.number),
        name=product_name(article.type, article.category, article.department, article.size),
        department=article.department,
        category=article.category or article.department,
        brand=article.brand,
        size=size_name(article.size),
        price=price,
        popularity=popularity,
    )


def _usual_prices(articles: Iterable[Article], prices: dict[int, int]) -> dict[tuple[str, str | None], int]:
    seen: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for article in articles:
        if article.number in prices:
            for kind in _kinds(article):
                seen[kind].append(prices[article.number])
    return {kind: median_low(found) for kind, found in seen.items()}


def _kinds(article: Article) -> list[tuple[str, str | None]]:
    return [("type", article.type), ("category", article.category), ("department", article.department)]
