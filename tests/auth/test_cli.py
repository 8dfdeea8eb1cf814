"""The commands of an operator, as they are typed."""

import asyncio
import secrets

import pytest
from typer import Typer
from typer.testing import CliRunner

from app.core.clock import SystemClock
from app.core.database import Client, Document, ensure_indexes
from app.core.limits import Limiter
from app.core.mongod import EmbeddedMongod
from app.core.outbox import Outbox
from app.core.settings import Settings
from auth.assembly import INDEXES, Auth
from auth.cli import clients, keys, staff, till
from auth.keys.service import SealedWithAnotherSecret
from tests.auth.conftest import Mails, Members, Stores


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch, mongod: EmbeddedMongod) -> str:
    """The database that the commands work on."""
    name = f"test_{secrets.token_hex(6)}"
    monkeypatch.setenv("STAMPBOOK_MONGODB_URI", mongod.uri)
    monkeypatch.setenv("STAMPBOOK_DATABASE", name)
    monkeypatch.setenv("STAMPBOOK_SECRET", "the first secret of this installation")
    return name


async def typed(app: Typer, *arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    return result.exit_code, result.output


async def stored(client: Client, name: str, collection: str) -> list[Document]:
    return await client[name][collection].find().to_list()


async def test_staff_are_added_listed_and_refused_twice(client: Client, name: str) -> None:
    assert (await typed(staff, "add", "ines@example.test", "Ines", "agent", "auditor"))[0] == 0
    assert "Ines" in (await typed(staff, "list"))[1]
    code, said = await typed(staff, "add", "ines@example.test", "Ines", "agent")
    assert code == 1
    assert "already belongs" in said
    assert len(await stored(client, name, "identities")) == 1
    await client.drop_database(name)


async def test_staff_get_other_roles_and_are_disabled_and_enabled(client: Client, name: str) -> None:
    await typed(staff, "add", "ines@example.test", "Ines", "agent")
    assert (await typed(staff, "roles", "ines@example.test", "auditor", "manager"))[0] == 0
    [person] = await stored(client, name, "identities")
    assert person["roles"] == ["auditor", "manager"]
    assert (await typed(staff, "disable", "ines@example.test", "left"))[0] == 0
    assert "disabled" in (await typed(staff, "list"))[1]
    assert (await typed(staff, "enable", "ines@example.test"))[0] == 0
    assert "invited" in (await typed(staff, "list"))[1]
    code, said = await typed(staff, "disable", "nobody@example.test", "left")
    assert code == 1
    assert "no such person" in said
    await client.drop_database(name)


async def test_a_till_needs_a_store(client: Client, name: str) -> None:
    code, said = await typed(till, "pair", "str_none", "Till 1")
    assert code == 1
    assert "no such store" in said
    assert (await typed(till, "disable", "til_none", "stolen"))[0] == 1
    assert (await typed(till, "list"))[0] == 0
    await client.drop_database(name)


async def test_clients_are_registered_listed_and_disabled(client: Client, name: str) -> None:
    code, said = await typed(clients, "add", "storefront_server", "Shop", "--redirect", "https://shop.example/cb")
    assert code == 0
    client_id = said.split()[1]
    assert said.split()[3] not in str(await stored(client, name, "clients"))
    assert client_id in (await typed(clients, "list"))[1]
    assert (await typed(clients, "disable", client_id))[0] == 0
    assert (await stored(client, name, "clients"))[0]["status"] == "disabled"
    assert (await typed(clients, "disable", "nobody"))[0] == 1
    assert (await typed(clients, "add", "storefront_server", "Shop", "--redirect", "javascript:alert(1)"))[0] == 1
    await client.drop_database(name)


def auth_of(client: Client, name: str) -> Auth:
    settings, clock = Settings(), SystemClock()
    database = client[name]
    return Auth(
        database,
        clock,
        settings,
        limiter=Limiter(database, clock),
        outbox=Outbox(database, clock),
        mailer=Mails(),
        members=Members(),
        stores=Stores(),
    )


async def test_keys_after_the_root_secret_was_lost(client: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The written procedure: a new secret, `keys emergency`, and the service starts again."""
    await ensure_indexes(client[name], INDEXES)
    before = auth_of(client, name)
    await before.start()
    await before.stop()
    assert "active" in (await typed(keys, "list"))[1]
    monkeypatch.setenv("STAMPBOOK_SECRET", "the second secret of this installation")
    after = auth_of(client, name)
    with pytest.raises(SealedWithAnotherSecret, match="stampbook keys emergency"):
        await after.start()
    code, said = await typed(keys, "emergency", "--yes")
    assert code == 0, said
    await after.start()
    await after.stop()
    kids = {key["_id"] for key in await stored(client, name, "keys")}
    assert (await typed(keys, "rotate"))[0] == 0
    assert {key["_id"] for key in await stored(client, name, "keys")} > kids
    await client.drop_database(name)
