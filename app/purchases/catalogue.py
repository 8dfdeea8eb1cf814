"""Products by whatever the till names them, looked up in few round trips and kept for a while."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.core.clock import Clock
from app.products.models import Product
from app.products.service import ProductService
from app.purchases.errors import ProductUnknown
from app.purchases.models import LineInput

_KEPT = 20_000
_FRESH_FOR = timedelta(minutes=1)


class Catalogue:
    """A bounded memory in front of the product service; a changed product is seen within a minute."""

    def __init__(self, products: ProductService, clock: Clock) -> None:
        self._products = products
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, Product]] = OrderedDict()

    async def resolve(self, lines: Sequence[LineInput], known: Mapping[str, Product]) -> list[Product]:
        """The product of each line. Raises ProductUnknown for the first line without one."""
        names = [_name(line) for line in lines]
        found = {name: product for name in names if (product := self._remembered(name, known)) is not None}
        missing = [name for name in dict.fromkeys(names) if name not in found]
        if missing:
            found.update(await self._look_up(missing))
        for index, (name, line) in enumerate(zip(names, lines, strict=True)):
            if name not in found:
                raise ProductUnknown(index, line)
        return [found[name] for name in names]

    def _remembered(self, name: str, known: Mapping[str, Product]) -> Product | None:
        kind, _, value = name.partition(":")
        if kind == "id" and value in known:
            return known[value]
        kept = self._kept.get(name)
        if kept is None or abs(self._clock.now() - kept[0]) > _FRESH_FOR:
            return None
        return kept[1]

    async def _look_up(self, names: Sequence[str]) -> dict[str, Product]:
        wanted: dict[str, list[str]] = {"id": [], "sku": [], "barcode": []}
        for name in names:
            kind, _, value = name.partition(":")
            wanted[kind].append(value)
        found: dict[str, Product] = {}
        for kind, look_up in (
            ("id", self._products.by_ids),
            ("sku", self._products.by_skus),
            ("barcode", self._products.by_barcodes),
        ):
            if wanted[kind]:
                by_value = await look_up(wanted[kind])
                found.update({f"{kind}:{value}": product for value, product in by_value.items()})
        now = self._clock.now()
        for name, product in found.items():
            self._kept[name] = (now, product)
            self._kept.move_to_end(name)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def _name(line: LineInput) -> str:
    if line.product_id is not None:
        return f"id:{line.product_id}"
    return f"sku:{line.sku}" if line.sku is not None else f"barcode:{line.barcode}"
