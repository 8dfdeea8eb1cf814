"""Audits the stored ledger, all of it or a part, and exports it."""

import math
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from app.ledger.audit import Auditor, Problem
from app.ledger.canonical import canonical
from app.ledger.models import EntryDocument
from app.ledger.repository import LedgerRepository
from app.ledger.seals import SealDocument, SealedHead

FORMAT = "stampbook-ledger/1"

Progress = Callable[[int], None]

_HEADS_LAG: Final = timedelta(minutes=2)
"""Longer than a head lags behind its entries."""

_UNDER_WAY: Final = timedelta(hours=1)
"""After so long a redemption that was interrupted has been finished by the sweeper."""


def _quiet(_entries: int) -> None:
    """Nobody watches."""


async def verify(
    repository: LedgerRepository,
    *,
    account: str | None = None,
    since: datetime | None = None,
    public_key: str | None = None,
    now: datetime | None = None,
    progress: Progress = _quiet,
) -> tuple[Auditor, Problem | None]:
    """Re-derive balances, lots and totals from entries alone; returns the audit and the first problem.

    `now` says that the ledger is in use: redemptions of the last hour may be under way and are not judged.

    With `account` or `since` (accounts posted to since then) only those accounts are derived, and seals are checked by
    themselves.
    """
    seals = await repository.seals()
    sealed = [head for head in await repository.sealed() if head["seal"] <= len(seals)]
    auditor = Auditor(seals, sealed, math.inf if now is None else (now - _UNDER_WAY).timestamp())
    async for entries in _parts(repository, account, since):
        problem = await _audit(repository, auditor, entries, progress)
        if problem is not None:
            return auditor, problem
    return auditor, auditor.finish(public_key, whole=account is None and since is None)


async def _parts(
    repository: LedgerRepository, account: str | None, since: datetime | None
) -> AsyncIterator[AsyncIterator[EntryDocument]]:
    if account is not None or since is None:
        yield repository.scan(account)
        return
    # Heads say which accounts changed, but for the last entries of all, whose heads may not be written yet.
    newest = set(await repository.newest(_HEADS_LAG))
    async for accounts in repository.changed_accounts(since, 100):
        newest.difference_update(accounts)
        for name in accounts:
            yield repository.scan(name)
    for name in sorted(newest):
        yield repository.scan(name)


async def _audit(
    repository: LedgerRepository, auditor: Auditor, entries: AsyncIterator[EntryDocument], progress: Progress
) -> Problem | None:
    current: str | None = None
    waiting = 0
    async for entry in entries:
        if entry["account"] != current:
            if (problem := await _end_account(repository, auditor)) is not None:
                return problem
            current = entry["account"]
            heads = await repository.get_heads([current])
            auditor.begin(current, heads[0] if heads else None)
        if (problem := auditor.add(entry)) is not None:
            return problem
        waiting += 1
        if waiting == 500:
            progress(waiting)
            waiting = 0
    progress(waiting)
    return await _end_account(repository, auditor)


async def _end_account(repository: LedgerRepository, auditor: Auditor) -> Problem | None:
    """End an account, with what was posted to it between reading its entries and reading its head."""
    if (behind := auditor.behind) is not None:
        for entry in await repository.tail(behind):
            if (problem := auditor.add(entry)) is not None:
                return problem
    return auditor.end_account()


async def export(repository: LedgerRepository, public_key: str) -> AsyncIterator[bytes]:
    """The whole ledger as JSON Lines; see FORMAT.md."""
    yield _line("header", {"format": FORMAT, "publicKey": public_key})
    count = 0
    async for entry in repository.scan():
        count += 1
        yield _line("entry", dict(entry))
    seals = await repository.seals()
    for line in _sealed_lines(seals, await repository.sealed()):
        yield line
    yield _line("end", {"entries": count, "seals": len(seals)})


def _sealed_lines(seals: list[SealDocument], sealed: list[SealedHead]) -> Iterator[bytes]:
    for head in sealed:
        if head["seal"] <= len(seals):
            yield _line("sealed", {k: v for k, v in head.items() if k != "_id"})
    for seal in seals:
        yield _line("seal", dict(seal))


def _line(kind: str, document: dict[str, object]) -> bytes:
    return b'{"type":"' + kind.encode() + b'","value":' + canonical(document) + b"}\n"
