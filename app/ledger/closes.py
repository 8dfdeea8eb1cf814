"""The daily close: seals what was posted since the last one."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Gauge

from app.core.clock import Clock
from app.ledger.canonical import GENESIS
from app.ledger.models import EntryDocument
from app.ledger.repository import LedgerRepository
from app.ledger.seals import SealDocument, SealedHead, book_of, public_key_of, root_of, sign

_BATCH: Final = 200
_LATE: Final = timedelta(days=1)

_sealed_entries = Gauge("stampbook_ledger_sealed_entries", "Entries that the latest seal was the first to cover")
_log = structlog.get_logger("ledger")


class Closer:
    """Makes seals. `key` is 32 bytes (Settings.derive_key(KEY_PURPOSE)); `zone` names the programme's time zone."""

    def __init__(self, repository: LedgerRepository, clock: Clock, key: bytes, zone: str = "UTC") -> None:
        self._repository = repository
        self._clock = clock
        self._key = key
        self._zone = ZoneInfo(zone)

    @property
    def public_key(self) -> str:
        """What verifies our seals; publish it where the database's owner cannot change it."""
        return public_key_of(self._key)

    async def close_yesterday(self) -> SealDocument | None:
        """Seal once a day, after midnight in the programme's zone; None when that was done."""
        last = await self._repository.last_seal()
        today = self._day(self._clock.now())
        if last is not None and last["day"] >= today:
            return None
        return await self.close()

    async def close(self) -> SealDocument | None:
        """Seal everything that was posted and not sealed yet; None when there is nothing.

        Two processes that close at once make the same number, and one of them wins.
        """
        now = self._clock.now()
        last = await self._repository.last_seal()
        number = last["_id"] + 1 if last else 1
        await self._repository.drop_sealed(number)
        since = None if last is None else datetime.fromisoformat(last["closed_at"]) - _LATE
        heads: list[SealedHead] = []
        totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        count = 0
        async for accounts in self._repository.changed_accounts(since, _BATCH):
            sealed = await self._repository.sealed_heads(accounts)
            entries = await self._repository.tail({name: sealed.get(name, 0) for name in accounts})
            new = _last_of_each(entries, number)
            for entry in entries:
                count += 1
                for name, change in entry["postings"]:
                    totals[book_of(entry["account"])][str(name)] += int(change)
            await self._repository.add_sealed(new)
            heads += new
        if not heads:
            return None
        seal = sign(
            {
                "_id": number,
                "day": self._day(now),
                "closed_at": now.isoformat(),
                "entries": count,
                "accounts": len(heads),
                "totals": {book: {k: v for k, v in sums.items() if v} for book, sums in totals.items()},
                "root": root_of(heads),
                "previous": last["hash"] if last else GENESIS,
                "key": "",
                "hash": "",
                "signature": "",
            },
            self._key,
        )
        await self._repository.add_seal(seal)
        _sealed_entries.set(count)
        # The log is a second place: whoever keeps it can tell a seal that was signed anew.
        _log.info("ledger_sealed", seal=number, root=seal["root"], hash=seal["hash"], key=seal["key"], entries=count)
        return seal

    def _day(self, instant: datetime) -> str:
        return instant.astimezone(self._zone).date().isoformat()


def _last_of_each(entries: list[EntryDocument], seal: int) -> list[SealedHead]:
    last = {entry["account"]: entry for entry in entries}
    return [
        {
            "_id": entry["_id"],
            "account": account,
            "seq": entry["seq"],
            "hash": entry["hash"],
            "seal": seal,
        }
        for account, entry in last.items()
    ]
