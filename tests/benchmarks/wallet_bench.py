"""How fast cards are drawn and read: QR images per second, and the time a scan takes with 50 in flight."""

import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import uvloop
from pydantic import SecretStr
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_Q

from app.core.clock import MovableClock
from app.core.database import connect, ensure_indexes
from app.core.limits import INDEXES as LIMIT_INDEXES
from app.core.limits import Limiter
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from app.members.repository import MemberRepository
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from tests.benchmarks.rows import BenchRow
from tests.wallet.conftest import Phone, Roll, card_number
from wallet import codes, images
from wallet.cards import CardService
from wallet.models import Verdict
from wallet.repository import INDEXES as WALLET_INDEXES

IN_FLIGHT = 50
PHONES = 600
_PNG_SECONDS = 1.5


def run() -> list[BenchRow]:
    """Measure everything; takes about ten seconds and starts a database of its own."""
    own, library = _a_second(_draw), _a_second(_draw_with_chosen_mask)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        alone, together = uvloop.run(_scans())
    finally:
        structlog.reset_defaults()
    return [
        BenchRow("card QR as PNG, one core", own, "images/s", "mask chosen by qrcode", own / library),
        BenchRow("cardIdentify p95, one in flight", _p95(alone), "ms"),
        BenchRow(
            f"cardIdentify p95, {IN_FLIGHT} in flight",
            _p95(together),
            "ms",
            "one in flight",
            _p95(together) / _p95(alone),
        ),
        BenchRow(f"cardIdentify p50, {IN_FLIGHT} in flight", 1000 * statistics.median(together), "ms"),
    ]


def _a_second(draw: Callable[[str], bytes]) -> float:
    """Pictures per second of processor time, so that a busy machine does not blur what one core can do."""
    draw(_code(0))
    started, count = time.process_time(), 0
    while time.process_time() - started < _PNG_SECONDS:
        count += 1
        draw(_code(count))
    return count / (time.process_time() - started)


def _code(number: int) -> str:
    return codes.token_text(codes.rotating_message(number.to_bytes(8, "big"), 0, 0, 60_000_000), bytes(32))


def _draw(code: str) -> bytes:
    return images.qr_png(code)


def _draw_with_chosen_mask(code: str) -> bytes:
    drawn = QRCode(version=3, error_correction=ERROR_CORRECT_Q, border=0)
    drawn.add_data(code)
    drawn.make()
    return images.png_of(tuple(bytes(map(bool, row)) for row in drawn.modules), 8)


def _p95(seconds: list[float]) -> float:
    return 1000 * statistics.quantiles(seconds, n=20)[-1]


async def _scans() -> tuple[list[float], list[float]]:
    """Seconds per scan, one after the other and with many in flight, each by another till; a warm round comes first."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedMongod(Path(folder))
        await server.start()
        client = connect(server.uri)
        try:
            database = client["bench"]
            await ensure_indexes(database, {**WALLET_INDEXES, **LIMIT_INDEXES})
            programmes = ProgrammeService(database)
            await programmes.ensure(HARVEST)
            roll = Roll()
            for number in range(PHONES):
                roll.add(f"mbr_{number:024x}", (card_number(str(number)), "active"))
            await database["members"].insert_many([dict(member) for member in roll.members.values()])
            clock = MovableClock(datetime(2026, 3, 14, tzinfo=UTC))
            derive_key = Settings(secret=SecretStr("a root secret of a benchmark, long enough")).derive_key
            limiter = Limiter(database, clock)
            cards = CardService(database, clock, limiter, MemberRepository(database), derive_key, programmes)
            phones = []
            for member_id in roll.members:
                phone = Phone()
                phone.enrol(await cards.register_device(member_id, phone.public_key, "phone"))
                phones.append(phone)
            await _round(cards, clock, phones, IN_FLIGHT)
            alone = await _round(cards, clock, phones, 1)
            together = [took for _ in range(3) for took in await _round(cards, clock, phones, IN_FLIGHT)]
        finally:
            await client.close()
            await server.stop()
    return alone, together


async def _round(cards: CardService, clock: MovableClock, phones: list[Phone], in_flight: int) -> list[float]:
    clock.advance(timedelta(minutes=2))
    waiting = iter([(phone.code(clock.now()), number) for number, phone in enumerate(phones)])
    took: list[float] = []

    async def till() -> None:
        for code, number in waiting:
            started = time.perf_counter()
            answer = await cards.identify(code, till_id=f"til_{number:024x}", basket_id="b")
            took.append(time.perf_counter() - started)
            if answer.verdict is not Verdict.FRESH:
                raise RuntimeError(f"a good code was answered {answer.verdict}")

    await asyncio.gather(*(till() for _ in range(in_flight)))
    return took
