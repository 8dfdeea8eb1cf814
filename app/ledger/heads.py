"""Heads written in the background: what an account looked like, a little behind its entries."""

import asyncio
import math
from collections.abc import Sequence
from itertools import islice

import structlog

from app.ledger.limits import EngineLimits
from app.ledger.repository import Store, StoreUnavailable
from app.ledger.state import State, to_head

_log = structlog.get_logger("ledger")


class _Lagging:
    """An account whose stored head lags: since when, from which version, and what the account is now."""

    __slots__ = ("since", "state", "version")

    def __init__(self, since: float, state: State) -> None:
        self.since = since
        self.version = state.version
        self.state = state


class HeadWriter:
    """Stores the heads of accounts that changed, each once for many entries; a lost one only makes reads longer.

    A head costs the database as much as four entries, so the writing is spread: `write_due` is called every
    `flush_seconds`, and each call writes the share that gets every head written within `head_age_seconds`.
    """

    def __init__(self, store: Store, limits: EngineLimits) -> None:
        self._store = store
        self._limits = limits
        # In the order in which they began to lag.
        self._lagging: dict[str, _Lagging] = {}
        self._far: dict[str, None] = {}
        self._writing = asyncio.Lock()

    def note(self, state: State) -> None:
        """Remember that the stored head lags, since when and since which version."""
        noted = self._lagging.get(state.account)
        if noted is None:
            self._lagging[state.account] = _Lagging(asyncio.get_running_loop().time(), state)
            return
        noted.state = state
        if state.version - noted.version >= self._limits.head_lag:
            self._far[state.account] = None

    def refresh(self, state: State) -> None:
        """Have the stored head written again even if nothing changed."""
        if state.account not in self._lagging:
            self.note(state)

    async def write_due(self) -> None:
        """Write the heads that make reads longest, and a share of the others; no more than two batches."""
        limits = self._limits
        most = 2 * limits.flush_heads
        async with self._writing:
            due = list(islice(self._far, most))
            share = math.ceil(len(self._lagging) * limits.flush_seconds / limits.head_age_seconds)
            # Memory is bounded: what a burst on very many accounts left behind does not wait.
            share = max(share, len(self._lagging) - limits.states)
            since = asyncio.get_running_loop().time() - limits.head_age_seconds
            for name, noted in islice(self._lagging.items(), most - len(due)):
                if noted.since > since and share <= 0:
                    break
                share -= 1
                if name not in self._far:
                    due.append(name)
            await self._write(due)

    async def write_all(self) -> None:
        """Write all heads that changed, after those being written; failing does no harm."""
        async with self._writing:
            await self._write(list(self._lagging))

    async def write(self, accounts: Sequence[str]) -> None:
        """Write the heads of these accounts that changed; failing does no harm."""
        async with self._writing:
            await self._write([name for name in accounts if name in self._lagging])

    async def _write(self, accounts: Sequence[str]) -> None:
        size = self._limits.flush_heads
        for start in range(0, len(accounts), size):
            chosen = [(name, self._lagging.pop(name)) for name in accounts[start : start + size]]
            for name, _ in chosen:
                self._far.pop(name, None)
            try:
                await self._store.put_heads([to_head(lagging.state) for _, lagging in chosen])
            except StoreUnavailable as error:
                _log.warning("ledger_heads_not_written", error=str(error)[:200], heads=len(chosen))
                for name, lagging in chosen:
                    # Whoever was posted to meanwhile lags from there on.
                    self._lagging.setdefault(name, lagging)
                return
