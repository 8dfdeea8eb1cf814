"""What production keeps of the mails that hold sign-in codes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.messages import MailService
from app.messages.repository import COLLECTION, INDEXES
from tests.profiling import profiling, scans

CODE = {"to": "ada@example.com", "subject": "123456 is your code", "text": "123 456", "kind": "code"}


class Postbox:
    """As much of an SMTP server as a client needs; refuses everything while it is `away`."""

    def __init__(self) -> None:
        self.away = False
        self.received: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 away\r\n" if self.away else b"220 here\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            writer.write(b"354 go on\r\n" if verb == b"DATA" else b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"DATA":
                self.received.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()


@pytest.fixture
async def postbox() -> AsyncIterator[tuple[Postbox, int]]:
    box = Postbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    async with server:
        yield box, server.sockets[0].getsockname()[1]


@pytest.fixture
def production(settings: Settings, postbox: tuple[Postbox, int]) -> Settings:
    url = SecretStr(f"smtp://127.0.0.1:{postbox[1]}")
    return settings.model_copy(update={"profile": "production", "smtp_url": url})


async def words(database: Database) -> list[str]:
    return [mail["subject"] + mail["text"] async for mail in database[COLLECTION].find().sort("created_at", 1)]


async def test_a_sent_code_is_not_kept(
    database: Database, clock: MovableClock, production: Settings, postbox: tuple[Postbox, int]
) -> None:
    outbox = Outbox(database, clock)
    mails = MailService(database, clock, production, outbox)
    await mails.send(**CODE)
    clock.advance(timedelta(seconds=1))
    await mails.send(to="ada@example.com", subject="A new sign-in", text="From Paris", kind="security")
    assert await outbox.deliver_due() == 2
    assert ["123 456" in mail for mail in postbox[0].received] == [True, False]
    assert await words(database) == ["", "A new sign-in"]


async def test_a_code_that_could_not_be_sent_is_forgotten_when_its_time_is_over(
    database: Database, clock: MovableClock, production: Settings, postbox: tuple[Postbox, int]
) -> None:
    await ensure_indexes(database, INDEXES)
    outbox = Outbox(database, clock)
    mails = MailService(database, clock, production, outbox)
    postbox[0].away = True
    await mails.send(**CODE)
    assert await outbox.deliver_due() == 0
    [forget] = mails.jobs()
    clock.advance(timedelta(minutes=9))
    await mails.send(**{**CODE, "subject": "654321 is your code", "text": "654 321"})
    await forget.run()
    assert len([kept for kept in await words(database) if kept]) == 2
    clock.advance(timedelta(minutes=1))
    async with profiling(database) as seen:
        await forget.run()
    assert scans(seen) == []
    assert await words(database) == ["", "654321 is your code654 321"]
    postbox[0].away = False
    assert await outbox.deliver_due() == 2
    assert ["654 321" in mail for mail in postbox[0].received] == [True]


async def test_development_keeps_its_mails(database: Database, clock: MovableClock, settings: Settings) -> None:
    assert MailService(database, clock, settings, Outbox(database, clock)).jobs() == []
