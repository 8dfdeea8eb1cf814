"""What it costs to know who is calling, and whether anybody waits while twenty people sign in.

All of it goes through the whole service, called in this process without a socket, on the loop and with the garbage
collector that the service runs on.
"""

import asyncio
import contextlib
import copy
import gc
import logging
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
import uvloop
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.types import ASGIApp

from app.core.clock import SystemClock
from app.core.database import Document, connect
from app.core.garbage import collect_seldom
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from app.main import Stampbook
from auth.access import Access
from auth.grants.service import Authentication
from auth.web import Peer
from schema.assembly import graphql_app
from schema.limits import Limits
from tests.benchmarks.rows import BenchRow
from tests.benchmarks.viewer import QUERY, call, member
from tests.profiling import profiling

CHECKS = 1000
QUERIES = 640
AT_ONCE = 16
PEOPLE = 20
ROUNDS = 5
MOST = 15.0
LONGEST = 20.0


def run() -> list[BenchRow]:
    """Measure everything; takes about twenty seconds and starts a database of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    thresholds = gc.get_threshold()
    try:
        return uvloop.run(_measure())
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        structlog.reset_defaults()


async def _measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedMongod(Path(folder))
        await server.start()
        settings = Settings(data=Path(folder), mongodb_uri=server.uri, secret=SecretStr("x" * 40))
        client = connect(server.uri)
        stampbook = Stampbook(settings, client, SystemClock())
        await stampbook.prepare()
        try:
            cookie = await member(stampbook)
            collect_seldom()
            return [
                *await _alone(stampbook, cookie),
                *await _shares(stampbook, cookie),
                *await _sign_ins(stampbook),
            ]
        finally:
            await stampbook.close()
            await client.close()
            await server.stop()


async def _alone(stampbook: Stampbook, cookie: str) -> list[BenchRow]:
    """One check and nothing else, against the smallest read that there is."""
    auth = stampbook.auth
    request = _connection(cookie=cookie)
    access = await auth.authenticator.access(request)
    token = await _token(stampbook, access)
    bearer = _connection(authorization=f"Bearer {token}")
    await auth.authenticator.access(bearer)
    counted = [await _reads(stampbook, partial(auth.authenticator.access, one)) for one in (request, bearer)]

    async def raw() -> object:
        return await stampbook.database["sessions"].find_one({"_id": access.session_id})

    check = await _cost(lambda: auth.authenticator.access(request))
    bare = await _cost(raw)
    known = await _cost(lambda: auth.tokens.verify(token))
    first = await _cost(lambda: auth.tokens._verify(token))
    return [
        BenchRow("database reads to check a cookie", counted[0], "reads", "asked: at most 1"),
        BenchRow("database reads to check a token", counted[1], "reads", "asked: at most 1"),
        BenchRow("checking a cookie, CPU", check, "µs", "one find_one by _id", check / bare),
        BenchRow("ES256 token seen before, CPU", known, "µs", "verified anew", known / first),
    ]


async def _shares(stampbook: Stampbook, cookie: str) -> list[BenchRow]:
    """The same query by turns with the check and with its answer known before.

    Lower quartiles of single requests, as a crowded machine's caches make some of them dear.
    """
    access = await stampbook.auth.authenticator.access(_connection(cookie=cookie))
    services = await stampbook.services()
    known = copy.copy(stampbook.auth)
    known.authenticator = _Known(access)  # type: ignore[assignment]  # stands in for it
    limits = Limits(bucket=10**12)
    checking = graphql_app(services, stampbook.settings, {}, limits=limits)
    trusting = graphql_app(replace(services, auth=known), stampbook.settings, {}, limits=limits)
    token = await _token(stampbook, access)
    rows = []
    for name, headers in (("cookie", {"cookie": cookie}), ("token", {"authorization": f"Bearer {token}"})):
        for at_once in (AT_ONCE, 1):
            checked, free = await _by_turns([_routed(checking), _routed(trusting)], headers, at_once)
            share = 100 * (checked - free) / checked
            rows.append(
                BenchRow(
                    f"identity check by {name}, share of the viewer query's CPU, {at_once} at once",
                    share,
                    "%",
                    f"asked: at most {MOST:.0f} %; the query takes {1e6 * checked:.0f} µs",
                    share / MOST,
                )
            )
    return rows


async def _by_turns(apps: Sequence[ASGIApp], headers: Mapping[str, str], at_once: int) -> list[float]:
    """Seconds of CPU for one request of each, `at_once` in flight."""
    spent: list[list[float]] = [[] for _ in apps]
    for number in range(QUERIES // at_once):
        for which in sorted(range(len(apps)), reverse=bool(number % 2)):
            began = time.thread_time()
            query = {"query": QUERY}
            await asyncio.gather(*(call(apps[which], "POST", "/graphql", query, **headers) for _ in range(at_once)))
            spent[which].append((time.thread_time() - began) / at_once)
    return [statistics.quantiles(each[len(each) // 6 :])[0] for each in spent]


async def _sign_ins(stampbook: Stampbook) -> list[BenchRow]:
    """Twenty people at once, some rounds over, each to the first answer of the API.

    A stall is one turn of the loop. What counts is the CPU time of its thread in that turn, as a crowded machine makes
    a turn long that blocks nothing; the wall clock's figure is beside it.
    """
    app = await stampbook.application()
    await asyncio.gather(*(_sign_in(app, stampbook, f"warm{n}@example.com") for n in range(PEOPLE)))
    watch = _Watch()
    watching = asyncio.create_task(watch.run())
    began = time.perf_counter()
    for turn in range(ROUNDS):
        await asyncio.gather(*(_sign_in(app, stampbook, f"p{turn}x{n}@example.com") for n in range(PEOPLE)))
    spent = time.perf_counter() - began
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    stall = f"longest stall of the event loop while {PEOPLE} sign in"
    asked = f"asked: at most {LONGEST:.0f} ms"
    return [
        BenchRow(f"{stall}, CPU", 1000 * watch.cpu, "ms", asked, 1000 * watch.cpu / LONGEST),
        BenchRow(f"{stall}, wall clock", 1000 * watch.wall, "ms", "this machine's other work is in it"),
        BenchRow("whole sign-ins by code, to the first answer", ROUNDS * PEOPLE / spent, "/s"),
    ]


async def _sign_in(app: ASGIApp, stampbook: Stampbook, email: str) -> None:
    await call(app, "POST", "/login/code", {"email": email})
    mail: Document | None = await stampbook.database["mails"].find_one({"to": email})
    found = re.search(r"\d{8}", mail["subject"]) if mail else None
    assert found is not None
    answer = await call(app, "POST", "/login/code/verify", {"email": email, "code": found.group()})
    cookie = answer.headers["set-cookie"].partition(";")[0]
    await call(app, "POST", "/graphql", {"query": "{ viewer { id } serverTime }"}, cookie=cookie)
    await stampbook.auth.keys.sign("RS256", "JWT", {"sub": email})


@dataclass(slots=True)
class _Watch:
    """The longest turn of the loop in seconds, by the thread's processor time and by the wall clock."""

    cpu: float = 0.0
    wall: float = 0.0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            cpu, wall = time.thread_time(), time.perf_counter()
            await asyncio.sleep(0)
            self.cpu = max(self.cpu, time.thread_time() - cpu)
            self.wall = max(self.wall, time.perf_counter() - wall)


class _Known:
    """Knows the caller without looking."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def access(self, _connection: HTTPConnection) -> Access:
        return self._access


async def _token(stampbook: Stampbook, access: Access) -> str:
    """A token of the member's own app."""
    auth = stampbook.auth
    registered = await auth.clients.register("app", "Bench", redirect_uris=["https://app.example/callback"])
    who = Authentication(
        identity_id=str(access.subject),
        member_id=access.member_id,
        session_id=str(access.session_id),
        method="email",
        level=2,
        auth_time=stampbook.clock.now(),
    )
    scopes = ["member:read", "points:read"]
    grant = await auth.grants.make(registered.client, who, scopes, Peer("127.0.0.0/24", "Bench"))
    return await auth.tokens.issue(
        subject=str(access.subject),
        client_id=registered.client["_id"],
        audience="member",
        scopes=scopes,
        lifetime=timedelta(minutes=5),
        grant_id=grant["_id"],
    )


async def _reads(stampbook: Stampbook, work: Callable[[], Awaitable[object]]) -> int:
    """How many commands reach the database."""
    async with profiling(stampbook.database) as seen:
        await work()
    return len(seen)


async def _cost(work: Callable[[], Awaitable[object]]) -> float:
    """CPU of this thread in µs for one piece of work: the median of many."""
    spent = []
    for _ in range(CHECKS):
        began = time.thread_time()
        await work()
        spent.append(time.thread_time() - began)
    return 1e6 * statistics.median(spent)


def _routed(app: ASGIApp) -> ASGIApp:
    return Starlette(routes=[Route("/graphql", app)])


def _connection(**headers: str) -> HTTPConnection:
    given = {"host": "localhost:8000", "origin": "http://localhost:8000", **headers}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return HTTPConnection({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw})
