"""What it costs to know who is calling, and whether anybody waits while twenty people sign in."""

import asyncio
import contextlib
import logging
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import SecretStr
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent
from starlette.requests import Request

from app.core.clock import SystemClock
from app.core.database import Client, ensure_indexes
from app.core.limits import Limit, Limiter
from app.core.mongod import EmbeddedMongod
from app.core.outbox import Outbox
from app.core.settings import Settings
from auth.assembly import INDEXES, Auth
from auth.policy import AuthPolicy
from auth.web import Peer
from tests.auth.conftest import Mails, Members, Stores
from tests.benchmarks.rows import BenchRow

CHECKS = 1500
PEOPLE = 20
ROUNDS = 5


class _Reads(CommandListener):
    """Counts commands."""

    count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += 1

    def succeeded(self, event: object) -> None:
        """Nothing to do."""

    def failed(self, event: object) -> None:
        """Nothing to do."""


def run() -> list[BenchRow]:
    """Measure everything; takes about fifteen seconds and starts a database of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        return asyncio.run(_measure())
    finally:
        structlog.reset_defaults()


async def _measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedMongod(Path(folder))
        await server.start()
        reads = _Reads()
        client: Client = AsyncMongoClient(
            server.uri, tz_aware=True, w="majority", journal=True, event_listeners=[reads]
        )
        try:
            return await _rows(client, Path(folder), reads)
        finally:
            await client.close()
            await server.stop()


async def _rows(client: Client, folder: Path, reads: _Reads) -> list[BenchRow]:
    database = client["bench"]
    await ensure_indexes(database, INDEXES)
    clock = SystemClock()
    settings = Settings(data=folder, secret=SecretStr("x" * 40), public_url="http://localhost:8000")
    many = Limit(1_000_000, timedelta(minutes=1))
    members, mails = Members(), Mails()
    auth = Auth(
        database,
        clock,
        settings,
        limiter=Limiter(database, clock),
        outbox=Outbox(database, clock),
        mailer=mails,
        members=members,
        stores=Stores(),
        policy=AuthPolicy(settings.issuer, codes_per_network=many, tries_per_network=many, codes_global=many),
    )
    await auth.start()
    identity = await auth.identities.create()
    members.joined[identity["_id"]] = "mbr_bench"
    opened = await auth.sessions.open(identity, "email", Peer("x", "y"))
    request = _request(f"{auth.cookie.name}={opened.value}")
    await auth.authenticator.access(request)

    before = reads.count
    await auth.authenticator.access(request)
    per_request = reads.count - before

    async def raw() -> object:
        return await database["sessions"].find_one({"_id": opened.session["_id"]})

    check_cpu, check_ms = await _cost(lambda: auth.authenticator.access(request))
    raw_cpu, raw_ms = await _cost(raw)
    token = await auth.tokens.issue(
        subject="x", client_id="x", audience="member", scopes=["points:read"], lifetime=timedelta(minutes=5)
    )
    known_cpu, _ = await _cost(lambda: auth.tokens.verify(token))
    first_cpu, _ = await _cost(lambda: auth.tokens._verify(token))
    lag, sign_ins = await _sign_ins(auth, mails)
    await auth.stop()
    return [
        BenchRow("database reads to check a cookie", per_request, "reads"),
        BenchRow("checking a cookie, CPU", check_cpu, "µs", "one find_one by _id", check_cpu / raw_cpu),
        BenchRow("checking a cookie, time", check_ms, "ms", "one find_one by _id", check_ms / raw_ms),
        BenchRow("ES256 token seen before, CPU", known_cpu, "µs", "verified anew", known_cpu / first_cpu),
        BenchRow(f"longest stall of the event loop while {PEOPLE} sign in", lag, "ms"),
        BenchRow("whole sign-ins by code", sign_ins, "/s"),
    ]


async def _cost(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """CPU of this process in µs, and median time in ms, for one piece of work."""
    times = []
    cpu = time.process_time()
    for _ in range(CHECKS):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return 1e6 * (time.process_time() - cpu) / CHECKS, 1000 * statistics.median(times)


async def _sign_ins(auth: Auth, mails: Mails) -> tuple[float, float]:
    """Twenty people at once, some rounds over: the longest stall of the loop in ms, and sign-ins per second.

    A stall is what one turn of the loop takes in CPU time of its thread, so that a busy machine does not look like
    blocking code.
    """
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)

    async def sign_in(email: str) -> None:
        peer = Peer("203.0.113.0/24", "Bench")
        await auth.codes.send(email, "sign-in", peer)
        if not await auth.codes.check(email, "sign-in", mails.code(email), peer):
            raise AssertionError(email)
        proved = await auth.identities.prove_email(email, peer)
        opened = await auth.sessions.open(proved.identity, "email", peer, email=email)
        grant = await auth.keys.sign("RS256", "JWT", {"sub": opened.session["identity_id"]})
        await auth.tokens.verify(
            await auth.tokens.issue(
                subject=grant[:9], client_id="x", audience="member", scopes=[], lifetime=timedelta(minutes=5)
            )
        )

    await asyncio.gather(*(sign_in(f"warm{n}@example.test") for n in range(PEOPLE)))
    watcher = asyncio.create_task(watch())
    began = time.perf_counter()
    for turn in range(ROUNDS):
        await asyncio.gather(*(sign_in(f"p{turn}x{n}@example.test") for n in range(PEOPLE)))
    spent = time.perf_counter() - began
    watcher.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watcher
    return 1000 * longest, ROUNDS * PEOPLE / spent


def _request(cookie: str) -> Request:
    headers = [(b"cookie", cookie.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})
