"""Verify, seals, export and the command line: whatever is tampered with is named."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.settings import Settings
from app.ledger.canonical import chain_hash
from app.ledger.cli import ledger as command
from app.ledger.closes import Closer
from app.ledger.jobs import LedgerJobs
from app.ledger.models import Earn, Hold, Migrate, OpeningLot, Redeem, Reverse
from app.ledger.seals import sign
from app.ledger.service import Ledger
from app.ledger.verify import export, verify
from tests.ledger.commands import DAY, START, make
from tests.ledger.stranger import check_export

KEY = bytes(range(32))


@pytest.fixture
async def closer(ledger: Ledger, clock: MovableClock) -> Closer:
    """A ledger with two days of history on three accounts and a reward, sealed each day, and a little after that."""
    closer = Closer(ledger.repository, clock, KEY)
    for day in range(3):
        for name in ("mbr_a", "mbr_ab", "mbr_b"):
            await ledger.post(
                make(Earn, f"e{day}", account=name, points=100 + day, at=clock.now(), expires_at=clock.now() + 9 * DAY)
            )
            await ledger.post(make(Redeem, f"r{day}", account=name, points=40, at=clock.now()))
        await ledger.stock_put("rwd_mug", f"s{day}", 5)
        await ledger.write_heads()
        if day < 2:
            assert await closer.close() is not None
        clock.advance(DAY)
    await ledger.post(make(Hold, "h", account="mbr_a", points=10, at=clock.now(), until=clock.now() + DAY))
    await ledger.post(make(Reverse, "v", account="mbr_b", of="r0", at=clock.now()))
    await ledger.write_heads()
    return closer


async def _problem(ledger: Ledger, closer: Closer, **options: Any) -> str:
    _, problem = await verify(ledger.repository, public_key=closer.public_key, **options)
    return "" if problem is None else f"{problem.where}: {problem.what}"


async def test_instants_finer_than_the_database_keeps_them_or_of_another_zone_verify(
    ledger: Ledger, clock: MovableClock
) -> None:
    at = clock.now().astimezone(timezone(timedelta(hours=2))) - timedelta(microseconds=1)
    lots = (OpeningLot(points=2, active_at=at, expires_at=at + DAY), OpeningLot(points=3))
    for each in (
        make(Earn, "e", points=5, at=at, expires_at=at + DAY),
        make(Hold, "h", points=1, at=at, until=at + DAY),
        make(Migrate, "m", at=at, lots=lots),
    ):
        entry = await ledger.post(each)
        assert await ledger.entry_by_id(entry["_id"]) == entry
    _, problem = await verify(ledger.repository)
    assert problem is None


async def test_an_honest_ledger_verifies(ledger: Ledger, closer: Closer, clock: MovableClock) -> None:
    assert await _problem(ledger, closer) == ""
    assert await _problem(ledger, closer, account="mbr_a") == ""
    assert await _problem(ledger, closer, since=clock.now()) == ""


async def test_a_stranger_comes_to_the_same_balances(ledger: Ledger, closer: Closer) -> None:
    lines = [line async for line in export(ledger.repository, closer.public_key)]
    balances = check_export(lines, closer.public_key)
    for name in ("mbr_a", "mbr_ab", "mbr_b", "rwd_mug"):
        balance = await ledger.balance(name)
        assert balances[name]["active"] == balance.active
        assert balances[name]["reserved"] == balance.reserved
    changed = [line.replace(b'"points":100', b'"points":999') for line in lines]
    with pytest.raises(ValueError, match="mbr_a:0000000001"):
        check_export(changed, closer.public_key)
    with pytest.raises(ValueError, match="cut off"):
        check_export(lines[:-1], closer.public_key)


Tamper = Callable[[Database, Ledger], Awaitable[object]]


async def _change_a_byte(database: Database, _ledger: Ledger) -> None:
    await database.entries.update_one({"_id": "mbr_ab:0000000002"}, {"$set": {"reason.title": "r1!"}})


async def _remove_an_entry(database: Database, _ledger: Ledger) -> None:
    await database.entries.delete_one({"_id": "mbr_ab:0000000002"})


async def _remove_the_last_entry(database: Database, _ledger: Ledger) -> None:
    await database.entries.delete_one({"_id": "mbr_b:0000000007"})


async def _remove_an_account(database: Database, _ledger: Ledger) -> None:
    await database.entries.delete_many({"account": "mbr_ab"})
    await database.accounts.delete_many({"_id": "mbr_ab"})


async def _resealed(database: Database, entry_id: str, change: dict[str, Any]) -> None:
    """An attacker who knows the format recomputes the entry's hash."""
    entry: Any = await database.entries.find_one({"_id": entry_id})
    entry.update(change)
    entry["hash"] = chain_hash(entry)
    await database.entries.replace_one({"_id": entry_id}, entry)


async def _break_a_sum(database: Database, _ledger: Ledger) -> None:
    await _resealed(database, "mbr_ab:0000000006", {"postings": [["active", -40], ["redeemed", 41]]})


async def _break_a_running_balance(database: Database, _ledger: Ledger) -> None:
    await _resealed(database, "mbr_ab:0000000006", {"balance": 1})


async def _add_an_entry(database: Database, _ledger: Ledger) -> None:
    entry: Any = await database.entries.find_one({"_id": "mbr_ab:0000000006"})
    entry.update(_id="mbr_ab:0000000008", seq=8, operation="extra", previous=entry["hash"])
    entry["hash"] = chain_hash(entry)
    await database.entries.insert_one(entry)


async def _rewrite_a_sealed_entry(database: Database, _ledger: Ledger) -> None:
    await _resealed(database, "mbr_ab:0000000004", {"actor": "agent:idn_evil"})
    entry: Any = await database.entries.find_one({"_id": "mbr_ab:0000000004"})
    for seq in (5, 6):
        await _resealed(database, f"mbr_ab:{seq:010d}", {"previous": entry["hash"]})
        entry = await database.entries.find_one({"_id": f"mbr_ab:{seq:010d}"})


async def _sign_a_seal_anew(database: Database, _ledger: Ledger) -> None:
    seal: Any = await database.closes.find_one({"_id": 1})
    await database.closes.replace_one({"_id": 1}, dict(sign(seal | {"closed_at": "2026-01-01T00:00:00+00:00"}, KEY)))


async def _sign_all_seals_with_another_key(database: Database, _ledger: Ledger) -> None:
    previous = "0" * 64
    async for seal in database.closes.find(sort=[("_id", 1)]):
        document: Any = seal
        signed = sign(document | {"previous": previous}, bytes(32))
        previous = signed["hash"]
        await database.closes.replace_one({"_id": seal["_id"]}, dict(signed))


async def _falsify_a_head(database: Database, _ledger: Ledger) -> None:
    await database.accounts.update_one({"_id": "mbr_b"}, {"$set": {"parcels.0.points": 1}})


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_change_a_byte, "mbr_ab:0000000002"),
        (_remove_an_entry, "mbr_ab:0000000003"),
        (_remove_the_last_entry, "mbr_b:0000000007"),
        (_remove_an_account, "mbr_ab:0000000001"),
        (_break_a_sum, "mbr_ab:0000000006"),
        (_break_a_running_balance, "mbr_ab:0000000006"),
        (_add_an_entry, "mbr_ab:0000000008"),
        (_rewrite_a_sealed_entry, "mbr_ab:0000000004"),
        (_sign_a_seal_anew, "seal 2"),
        (_sign_all_seals_with_another_key, "seal 1"),
        (_falsify_a_head, "mbr_b:0000000007"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_what_was_tampered_with_is_named(
    ledger: Ledger, closer: Closer, database: Database, tamper: Tamper, named: str
) -> None:
    await tamper(database, ledger)
    assert (await _problem(ledger, closer)).startswith(named)


async def test_the_invariant_job_reports(
    ledger: Ledger, closer: Closer, database: Database, clock: MovableClock
) -> None:
    jobs = LedgerJobs(ledger, clock, KEY)
    assert await jobs.check_all()
    assert await jobs.check_recent()
    assert _metric("stampbook_ledger_violations") == 0
    assert _metric("stampbook_ledger_books_out_of_balance") == 0
    await _change_a_byte(database, ledger)
    assert not await jobs.check_all()
    assert _metric("stampbook_ledger_violations") == 1
    assert {job.name for job in jobs.jobs()} == {
        "ledger-due",
        "ledger-sagas",
        "ledger-check",
        "ledger-close",
        "ledger-audit",
    }
    del closer


def _metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(name)


async def test_what_was_posted_a_moment_ago_is_checked_before_its_head_is_written(
    ledger: Ledger, closer: Closer, database: Database, clock: MovableClock
) -> None:
    since = clock.now()
    await ledger.post(make(Earn, "first", account="mbr_new", points=5, at=clock.now()))
    await database.entries.update_one({"_id": "mbr_new:0000000001"}, {"$set": {"balance": 6}})
    assert (await _problem(ledger, closer, since=since)).startswith("mbr_new:0000000001")


async def test_a_day_is_sealed_once(ledger: Ledger, closer: Closer, clock: MovableClock) -> None:
    assert await closer.close_yesterday() is not None
    assert await closer.close_yesterday() is None
    assert await _problem(ledger, closer) == ""


async def test_books_sum_to_zero_by_day(ledger: Ledger, closer: Closer) -> None:
    rows = await ledger.repository.trial_balance("Europe/Berlin")
    for book in ("points", "stock"):
        assert sum(row["change"] for row in rows if row["book"] == book) == 0
    assert {row["name"] for row in rows} >= {"active", "issued", "redeemed", "reserved"}
    assert len({row["day"] for row in rows}) == 4
    del closer


async def test_the_command_line_says_so_and_ends_accordingly(
    ledger: Ledger,
    closer: Closer,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STAMPBOOK_MONGODB_URI", str(settings.mongodb_uri))
    monkeypatch.setenv("STAMPBOOK_DATABASE", database.name)
    monkeypatch.setenv("STAMPBOOK_SECRET", settings.secret.get_secret_value())
    monkeypatch.setenv("STAMPBOOK_DATA", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, list(arguments))
        return result.exit_code, result.output

    code, output = await asyncio.to_thread(run, "verify", "--public-key", closer.public_key)
    assert (code, "all is well" in output) == (0, True)
    assert (await asyncio.to_thread(run, "verify", "--account", "mbr_a", "--public-key", closer.public_key))[0] == 0
    assert (await asyncio.to_thread(run, "verify"))[0] == 1, "sealed with another key than the settings derive"
    assert (await asyncio.to_thread(run, "balance"))[0] == 0
    code, _ = await asyncio.to_thread(run, "export", str(tmp_path / "ledger.jsonl"))
    assert code == 0
    with (tmp_path / "ledger.jsonl").open("rb") as file:
        assert check_export(file, closer.public_key)["mbr_a"]["reserved"] == 10
    await _change_a_byte(database, ledger)
    code, output = await asyncio.to_thread(run, "verify", "--since", START.date().isoformat())
    assert (code, "mbr_ab:0000000002" in output) == (1, True)
