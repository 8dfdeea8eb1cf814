"""What the viewer query costs our process, against a bare route with the same reads and against stock Strawberry.

All three are called in this process, without a socket, and answer the same member out of the same database, which runs
in a process of its own; the figure is CPU time of ours. Everybody's session is checked on every request.
"""

import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import structlog
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL

from app.core.clock import SystemClock
from app.core.database import connect
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from app.main import Stampbook
from schema.assembly import graphql_app
from schema.context import Context, Services
from schema.limits import Limits
from schema.root import build_schema
from tests.benchmarks.rows import BenchRow
from tests.benchmarks.viewer import member, post

REQUESTS = 150
ROUNDS = 5


def run() -> list[BenchRow]:
    """Measure; takes about fifteen seconds and starts a database of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        return asyncio.run(_measure())
    finally:
        structlog.reset_defaults()


async def _measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        mongod = EmbeddedMongod(Path(folder))
        await mongod.start()
        settings = Settings(
            data=Path(folder), mongodb_uri=mongod.uri, secret=SecretStr("a root secret of benchmarks, long enough")
        )
        client = connect(mongod.uri)
        stampbook = Stampbook(settings, client, SystemClock())
        await stampbook.prepare()
        try:
            return await _compare(stampbook)
        finally:
            await stampbook.close()
            await client.close()
            await mongod.stop()


async def _compare(stampbook: Stampbook) -> list[BenchRow]:
    cookie = await member(stampbook)
    services = await stampbook.services()
    # The bucket of a caller is not what is measured.
    ours: ASGIApp = Starlette(
        routes=[Route("/graphql", graphql_app(services, stampbook.settings, {}, limits=Limits(bucket=10**12)))]
    )
    expected = await post(ours, cookie)
    shown = orjson.loads(expected)
    assert len(shown["data"]["viewer"]["activity"]["nodes"]) == 20
    others: dict[str, ASGIApp] = {"bare": _bare(services, expected), "stock": _stock(services)}
    assert orjson.loads(await post(others["stock"], cookie)) == shown
    times = await _rounds({"ours": ours, **others}, cookie)
    return [
        BenchRow(
            name="viewer query, 20 entries",
            value=times["ours"],
            unit="us CPU",
            against=f"bare Starlette route, same reads and bytes: {times['bare']:.0f} us",
            ratio=times["ours"] / times["bare"],
        ),
        BenchRow(
            name="viewer query, 20 entries",
            value=times["ours"],
            unit="us CPU",
            against=f"stock strawberry.asgi.GraphQL: {times['stock']:.0f} us",
            ratio=times["ours"] / times["stock"],
        ),
    ]


async def _rounds(apps: dict[str, ASGIApp], cookie: str) -> dict[str, float]:
    """Median CPU microseconds per request of each, over interleaved rounds."""
    found: dict[str, list[float]] = {name: [] for name in apps}
    for number in range(ROUNDS + 1):
        for name, app in apps.items():
            before = time.process_time()
            for _ in range(REQUESTS):
                await post(app, cookie)
            # The first round warms caches up.
            if number:
                found[name].append((time.process_time() - before) / REQUESTS * 1e6)
    return {name: statistics.median(each) for name, each in found.items()}


def _bare(services: Services, answer: bytes) -> ASGIApp:
    """The floor: who calls, the same three reads, bytes made before."""

    async def route(request: Request) -> Response:
        orjson.loads(await request.body())
        access = await services.auth.authenticator.access(request)
        member_id = str(access.member_id)
        await services.members.by_ids([member_id])
        balances, _ = await asyncio.gather(
            services.ledger.balances([member_id]), services.ledger.entries(member_id, first=21)
        )
        await services.tiers.standing(balances[member_id], services.clock.now())
        return Response(answer, media_type="application/graphql-response+json")

    return Starlette(routes=[Route("/graphql", route, methods=["POST"])])


class _Stock(GraphQL[Context, None]):
    """Strawberry's own view over the same schema and services."""

    def __init__(self, services: Services) -> None:
        super().__init__(build_schema())
        self._services = services

    async def get_context(self, request: Any, response: Any) -> Context:
        return Context(self._services, await self._services.auth.authenticator.access(request))


def _stock(services: Services) -> ASGIApp:
    return Starlette(routes=[Route("/graphql", _Stock(services))])
