"""Heads written in the background: what an account looked like, a little behind its entries."""

import asyncio
import heapq
from collections.abc import Sequence

import structlog

from app.ledger.repository import Store, StoreUnavailable
from app.ledger.state import State, to_head

_log = structlog.get_logger("ledger")


class HeadWriter:
    """Stores the heads of accounts that changed, each once for many entries; a lost one only makes reads longer.

    A head is due once it lags `lag` entries or `age_seconds` behind; `batch` heads go in one command.
    """

    def __init__(self, store: Store, *, lag: int, age_seconds: float, batch: int) -> None:
        self._store = store
        self._lag = lag
        self._age_seconds = age_seconds
        self._batch = batch
        self._dirty: dict[str, tuple[float, int, State]] = {}
        self._writing = asyncio.Lock()

    def note(self, state: State) -> None:
        """Remember that the stored head lags, since when and since which version."""
        noted = self._dirty.get(state.account)
        if noted is None:
            self._dirty[state.account] = (asyncio.get_running_loop().time(), state.version, state)
        else:
            self._dirty[state.account] = (noted[0], noted[1], state)

    def refresh(self, state: State) -> None:
        """Have the stored head written again even if nothing changed."""
        if state.account not in self._dirty:
            self.note(state)

    async def write_due(self) -> None:
        """Write the heads that lag too far: those that make reads longest first, and no more than two batches."""
        since = asyncio.get_running_loop().time() - self._age_seconds
        async with self._writing:
            due = [
                (version - state.version, name)
                for name, (noted, version, state) in self._dirty.items()
                if noted <= since or state.version - version >= self._lag
            ]
            await self._write([name for _, name in heapq.nsmallest(2 * self._batch, due)])

    async def write_all(self) -> None:
        """Write all heads that changed, after those being written; failing does no harm."""
        async with self._writing:
            await self._write(list(self._dirty))

    async def _write(self, accounts: Sequence[str]) -> None:
        for start in range(0, len(accounts), self._batch):
            chosen = [(name, self._dirty.pop(name)) for name in accounts[start : start + self._batch]]
            try:
                await self._store.put_heads([to_head(state) for _, (_, _, state) in chosen])
            except StoreUnavailable as error:
                _log.warning("ledger_heads_not_written", error=str(error)[:200], heads=len(chosen))
                for name, dirty in chosen:
                    self._dirty.setdefault(name, dirty)
                return
