"""Points may be valid for longer, and come back within a window, as entries; from the command line too."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.core.clock import MovableClock, SystemClock
from app.core.database import Database
from app.core.settings import Settings
from app.ledger.cli import ledger as command
from app.ledger.errors import NothingToReinstate
from app.ledger.models import Earn, Extend, Reinstate
from app.ledger.service import Ledger
from tests.ledger.commands import DAY, START, make


async def test_lapsed_points_come_back_within_the_window_only(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + DAY))
    clock.advance(31 * DAY)
    late = make(Reinstate, "too-late", at=clock.now(), lot="e1", since=clock.now() - 29 * DAY)
    with pytest.raises(NothingToReinstate):
        await ledger.post(late)
    back = make(Reinstate, "back", at=clock.now(), lot="e1", since=clock.now() - 30 * DAY, expires_at=START + 90 * DAY)
    entry = await ledger.post(back)
    assert (entry["kind"], entry["points"], entry["of"]) == ("reinstate", 100, "e1")
    with pytest.raises(NothingToReinstate):
        await ledger.post(make(Reinstate, "again", at=clock.now(), lot="e1"))
    await ledger.post(make(Extend, "longer", at=clock.now(), expires_at=START + 120 * DAY))
    assert [lot.expires_at for lot in (await ledger.balance("mbr_ada")).lots] == [START + 120 * DAY]
    assert [entry["kind"] for entry in await ledger.entries("mbr_ada", first=2)] == ["extend", "reinstate"]


async def test_an_operator_extends_and_reinstates(
    ledger: Ledger, database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAMPBOOK_MONGODB_URI", str(settings.mongodb_uri))
    monkeypatch.setenv("STAMPBOOK_DATABASE", database.name)
    monkeypatch.setenv("STAMPBOOK_SECRET", settings.secret.get_secret_value())
    monkeypatch.setenv("STAMPBOOK_DATA", str(tmp_path))

    async def run(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, command, list(arguments))
        return result.exit_code, result.output

    now = SystemClock().now()
    books = Ledger(database, SystemClock())
    await books.start()
    old, open_ = now - timedelta(days=9), now + timedelta(days=9)
    await books.post(make(Earn, "old", at=old, points=70, expires_at=old + DAY))
    await books.post(make(Earn, "open", at=now, points=30, expires_at=open_))
    code, output = await run("lots", "mbr_ada")
    assert (code, "lapsed" in output, "open" in output) == (0, True, True)
    assert (await run("reinstate", "mbr_ada", "old", "--within", "3"))[0] == 1
    until = (now + timedelta(days=99)).date().isoformat()
    for _ in range(2):
        assert await run("reinstate", "mbr_ada", "old", "--key", "7") == (
            0,
            "mbr_ada:0000000004: +70 points, 100 now\n",
        )
        assert (await run("extend", "mbr_ada", until, "--lot", "open", "--key", "7"))[0] == 0
    assert (await run("extend", "mbr_ada", "2020-01-01"))[0] == 1
    assert (await run("extend", "mbr_nobody", until))[0] == 1
    balance = await books.balance("mbr_ada")
    expiries = {lot.id: lot.expires_at and lot.expires_at.date().isoformat() for lot in balance.lots}
    assert expiries == {"open": until, "old": None}
    await books.stop()
    del ledger
