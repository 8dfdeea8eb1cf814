"""`stampbook rewards`: stock and voucher codes from the command line, each delivery and each code once."""

import asyncio
import secrets
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.core.settings import Settings
from app.rewards.cli import rewards as command
from app.rewards.models import NewReward
from tests.purchases.shop import Shop


@pytest.fixture
def _connected(shop: Shop, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPBOOK_MONGODB_URI", str(settings.mongodb_uri))
    monkeypatch.setenv("STAMPBOOK_DATABASE", shop.database.name)
    monkeypatch.setenv("STAMPBOOK_SECRET", settings.secret.get_secret_value())
    monkeypatch.setenv("STAMPBOOK_DATA", str(tmp_path))


async def run(*arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, command, list(arguments))
    return result.exit_code, result.output


async def level(shop: Shop, reward: str) -> int | None:
    stored = await shop.rewards.by_id(reward)
    assert stored is not None
    return (await shop.rewards.stock([stored]))[reward]


@pytest.mark.usefixtures("_connected")
async def test_a_delivery_adds_to_the_stock_once(shop: Shop) -> None:
    reward = await shop.offer(stock=5)
    for _ in range(2):
        code, output = await run("stock", reward, "20", "--key", "delivery 7")
        assert (code, "25 to be had" in output) == (0, True)
    assert (await run("stock", reward, "--", "-24"))[0] == 0
    assert await level(shop, reward) == 1
    code, output = await run("stock", reward, "--", "-2")
    assert (code, "out of stock" in output) == (1, True)
    assert await level(shop, reward) == 1
    _, output = await run("list")
    assert reward[:20] in output


@pytest.mark.usefixtures("_connected")
async def test_what_has_no_stock_gets_none(shop: Shop) -> None:
    unlimited = await shop.offer()
    assert (await run("stock", unlimited, "5"))[0] == 1
    assert (await run("stock", f"rwd_{secrets.token_hex(12)}", "5"))[0] == 1
    assert (await run("stock", await shop.offer(stock=1), "0"))[0] == 1


@pytest.mark.usefixtures("_connected")
async def test_codes_are_loaded_once_and_handed_out_once(shop: Shop, tmp_path: Path) -> None:
    pool = f"rwd_{secrets.token_hex(12)}"
    await shop.rewards.add(NewReward(pool, "VOUCHER_CODE", "Cinema", "One film", 100, "ticket"))
    file = tmp_path / "codes.txt"
    file.write_text("FILM-1\n\n  FILM-2 \nFILM-1\n")
    for new in (2, 0):
        code, output = await run("codes", pool, str(file))
        assert (code, f"{new} new codes" in output, "2 to be had" in output) == (0, True, True)
    file.write_text("x" * 65)
    assert (await run("codes", pool, str(file)))[0] == 1
    other = await shop.offer(stock=1)
    assert (await run("codes", other, str(file)))[0] == 1
    handed = set()
    for number in range(2):
        member = await shop.member()
        await shop.give(member["_id"], 100)
        redemption = await shop.rewards.reserve(member["_id"], pool, f"k{number}")
        till = {"till": "til_1", "actor": "till:til_1", "idempotency_key": f"c{number}"}
        handed.add((await shop.rewards.confirm(redemption["code"], **till))["voucher_code"])
    assert handed == {"FILM-1", "FILM-2"}
    assert await level(shop, pool) == 0
