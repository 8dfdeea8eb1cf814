"""What the ledger does by itself: settle what time has done, finish sagas, seal the day, check the invariants."""

from datetime import timedelta

import structlog
from prometheus_client import Counter, Gauge

from app.core.clock import Clock
from app.core.jobs import Job
from app.ledger.closes import Closer
from app.ledger.service import Ledger
from app.ledger.verify import verify

_violations = Gauge(
    "stampbook_ledger_violations", "1 when the latest check of the ledger's invariants found a wrong entry"
)
_checked = Counter("stampbook_ledger_checked_entries_total", "Entries that checks of the invariants looked at")
_last_check = Gauge("stampbook_ledger_last_check_seconds", "Unix time at which all invariants were last found to hold")
_stock_mismatch = Gauge("stampbook_ledger_books_out_of_balance", "Books whose trial balance does not sum to zero")
_waiting = Gauge("stampbook_ledger_waiting_operations", "Operations without an answer yet")
_log = structlog.get_logger("ledger")


class LedgerJobs:
    """The ledger's jobs. `key` signs seals (`Settings.derive_key(KEY_PURPOSE)`); `zone` is the programme's."""

    def __init__(self, ledger: Ledger, clock: Clock, key: bytes, zone: str = "UTC") -> None:
        self._ledger = ledger
        self._clock = clock
        self.closer = Closer(ledger.repository, clock, key, zone)
        self._checked_until = clock.now() - timedelta(days=1)

    def jobs(self) -> list[Job]:
        """For the service's job runner."""
        return [
            Job("ledger-due", timedelta(seconds=15), self._ledger.settle_due),
            Job("ledger-sagas", timedelta(seconds=30), self._ledger.sagas.resume),
            Job("ledger-check", timedelta(minutes=1), self.check_recent),
            Job("ledger-close", timedelta(minutes=10), self.closer.close_yesterday),
            Job("ledger-audit", timedelta(days=1), self.check_all),
        ]

    async def check_recent(self) -> bool:
        """Check invariants I1 to I10 on every account that was posted to since the last check; whether they hold.

        Units of rewards (I9) are judged where both streams changed; `check_all` judges them all.
        """
        until = self._clock.now()
        holds = await self._check(whole=False)
        if holds:
            # Some of it again: heads lag a little, and clocks differ.
            self._checked_until = until - timedelta(minutes=5)
        return holds

    async def check_all(self) -> bool:
        """Check everything there is; whether it holds."""
        return await self._check(whole=True)

    async def _check(self, *, whole: bool) -> bool:
        _waiting.set(self._ledger.waiting)
        auditor, problem = await verify(
            self._ledger.repository,
            since=None if whole else self._checked_until,
            public_key=self.closer.public_key,
            now=self._clock.now(),
        )
        _checked.inc(auditor.entries)
        _stock_mismatch.set(sum(1 for totals in auditor.totals.values() if sum(totals.values())))
        _violations.set(0 if problem is None else 1)
        if problem is not None:
            _log.error("ledger_invariant_broken", where=problem.where, what=problem.what)
            return False
        _last_check.set(self._clock.now().timestamp())
        return True
