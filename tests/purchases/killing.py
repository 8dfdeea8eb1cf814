"""Processes that die in the middle of what they do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.ledger.service import Ledger
from tests.purchases.shop import Shop, open_over


class Killed(Exception):
    """The process is gone."""


class Killer:
    """Lets a number of writes happen, and none after that."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def watch(self, target: object, *names: str) -> None:
        for name in names:
            original = getattr(target, name)

            async def watched(*args: object, _original: object = original, **named: object) -> object:
                self._step()
                return await _original(*args, **named)  # type: ignore[operator] # a method, whichever it is

            setattr(target, name, watched)

    def _step(self) -> None:
        if self.steps <= 0:
            raise Killed
        self.steps -= 1


@asynccontextmanager
async def doomed(shop: Shop, steps: int) -> AsyncIterator[Shop]:
    """A second process over the same database that dies after so many writes."""
    ledger = Ledger(shop.database, shop.clock)
    await ledger.start()
    process = open_over(shop.database, shop.clock, ledger)
    killer = Killer(steps)
    killer.watch(ledger, "post")
    killer.watch(ledger.stock, "put", "reserve", "confirm", "release")
    killer.watch(process.rewards._repository, "put", "change", "take_voucher")
    repository = process.purchases._repository
    killer.watch(repository, "mark_returns_settled", "add_return", "withdraw", "recount")
    killer.watch(process.purchases._inserts, "_run")
    killer.watch(process.purchases._settler, "sale")
    try:
        yield process
    finally:
        await process.purchases.stop()
        await ledger.stop()
