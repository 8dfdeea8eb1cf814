"""The wallet put together, on the real ledger and tiers."""

import io
import json
import zipfile
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.core.limits import INDEXES as LIMIT_INDEXES
from app.core.limits import Limiter
from app.core.outbox import INDEXES as OUTBOX_INDEXES
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.ledger.models import Earn
from app.ledger.repository import INDEXES as LEDGER_INDEXES
from app.ledger.service import Ledger
from app.programme import ProgrammeService
from app.tiers.service import TierService
from tests.wallet.conftest import ADA, BEN, Roll, card_number
from wallet.assembly import INDEXES, Wallet
from wallet.facts import MemberFacts


@pytest.fixture
async def ledger(database: Database, clock: MovableClock) -> AsyncIterator[Ledger]:
    await ensure_indexes(database, {**INDEXES, **LEDGER_INDEXES, **LIMIT_INDEXES, **OUTBOX_INDEXES})
    service = Ledger(database, clock)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def wallet(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    roll: Roll,
    programmes: ProgrammeService,
    ledger: Ledger,
    outbox: Outbox,
) -> Wallet:
    return Wallet(
        database,
        clock,
        settings,
        limiter=Limiter(database, clock),
        outbox=outbox,
        members=roll,
        programmes=programmes,
        ledger=ledger,
        tiers=TierService(programmes),
    )


async def earn(ledger: Ledger, clock: MovableClock, points: int, operation: str) -> None:
    now = clock.now()
    await ledger.post(
        Earn(
            account=ADA,
            operation=operation,
            occurred_at=now,
            actor="system:test",
            reason={"title": "Shopping"},
            points=points,
            qualifying=points,
            month=f"{now:%Y-%m}",
        )
    )


async def test_facts_are_the_ledger_s(
    ledger: Ledger, clock: MovableClock, roll: Roll, programmes: ProgrammeService
) -> None:
    facts = MemberFacts(roll, ledger, TierService(programmes), programmes, clock)
    roll.add(BEN)
    before = await facts.of([ADA, BEN, "mbr_nobody"])
    assert set(before) == {ADA}
    await earn(ledger, clock, 600, "purchase:1")
    after = (await facts.of([ADA]))[ADA]
    assert (after.points, after.tier, after.number, after.programme) == (600, "Silver", card_number("1"), "Harvest")
    assert after.fingerprint() != before[ADA].fingerprint()
    assert after.fingerprint() == (await facts.of([ADA]))[ADA].fingerprint()


async def test_a_purchase_reaches_the_pass(wallet: Wallet, ledger: Ledger, clock: MovableClock) -> None:
    async def authorise(connection: HTTPConnection) -> str | None:
        return ADA

    app = Starlette(routes=wallet.routes(authorise))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://card.test") as browser:
        for path in ("/card.png", "/card.svg", "/card/sheet", "/card/barcode.svg", "/card/logo.png"):
            assert (await browser.get(path)).status_code == 200, path
        assert (await browser.get("/card/google")).status_code == 404
        await earn(ledger, clock, 120, "purchase:1")
        answer = await browser.get("/card.pkpass")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        said = json.loads(archive.read("pass.json"))
    assert said["storeCard"]["headerFields"][0]["value"] == 120
    (job,) = wallet.jobs()
    assert await job.run() == 0
    await wallet.apple.register("phone", said["serialNumber"], "aa" * 32)
    await earn(ledger, clock, 5, "purchase:2")
    assert await job.run() == 1
    await wallet.erase(ADA)
    assert await job.run() == 0
    await wallet.close()


async def test_offers_say_where_and_why_not(wallet: Wallet) -> None:
    apple, google = wallet.offers()
    assert (apple.platform, apple.available, apple.url, apple.why) == ("APPLE", True, "/card.pkpass", None)
    assert (google.platform, google.available, google.url) == ("GOOGLE", False, None)
    assert google.why is not None
    assert "Google" in google.why
