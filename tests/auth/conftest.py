"""The service's sign-in on a real socket: everything real but the members, the stores and the mail server."""

import asyncio
import contextlib
import copy
import json
import os
import re
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.clock import MovableClock
from app.core.database import Client, Database, ensure_indexes
from app.core.limits import Limit, Limiter
from app.core.mongod import EmbeddedMongod
from app.core.outbox import Outbox
from app.core.settings import Settings
from auth.access import Access
from auth.assembly import INDEXES, Auth
from auth.policy import AuthPolicy
from auth.routes import routes
from auth.web import answering
from tests.schema.world import World
from tests.schema.world import running as running_world


@dataclass
class Mails:
    """Keeps mail instead of sending it."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, *, to: str, subject: str, text: str, kind: str, member_id: str | None = None) -> None:
        self.sent.append({"to": to, "subject": subject, "text": text, "kind": kind, "member_id": member_id})

    def code(self, to: str) -> str:
        mail = next(mail for mail in reversed(self.sent) if mail["to"] == to and mail["kind"] == "code")
        found = re.search(r"\d{8}", mail["subject"])
        assert found
        return found.group()


@dataclass
class Members:
    """Which identity is which member."""

    joined: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    async def by_identity(self, identity_id: str) -> Mapping[str, Any] | None:
        self.asked += 1
        member_id = self.joined.get(identity_id)
        if member_id is None:
            return None
        language = self.languages.get(member_id, "en")
        return {"_id": member_id, "status": "active", "display_name": "Alma", "language": language}

    async def adopt(self, identity_id: str, email: str) -> Mapping[str, Any] | None:
        member_id = self.waiting.pop(email, None)
        if member_id is not None:
            self.joined[identity_id] = member_id
        return None if member_id is None else {"_id": member_id}


class Stores:
    """Two stores."""

    async def by_id(self, store_id: str) -> Mapping[str, Any] | None:
        names = {"str_one": "Market Street", "str_two": "Harbour"}
        return {"_id": store_id, "name": names[store_id]} if store_id in names else None


class Service:
    """The running service and what tests need of its inside."""

    def __init__(
        self, auth: Auth, url: str, clock: MovableClock, mails: Mails, members: Members, outbox: Outbox
    ) -> None:
        self.auth = auth
        self.url = url
        self.clock = clock
        self.mails = mails
        self.members = members
        self.outbox = outbox
        self._clients: list[httpx.AsyncClient] = []

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A client with its own cookies that speaks as our own pages do."""
        return self._client({"Origin": self.url, **headers})

    def stranger(self) -> httpx.AsyncClient:
        """A client that is no browser: no Origin, no cookies."""
        return self._client({})

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=self.url, headers=headers)
        self._clients.append(client)
        return client

    async def leave(self) -> None:
        """Close every client of the test."""
        for client in self._clients:
            await client.aclose()

    async def close(self) -> None:
        """Close every client of the test, and the service's own connections."""
        await self.leave()
        await self.auth.stop()

    async def sign_in(self, browser: httpx.AsyncClient, email: str) -> dict[str, Any]:
        """Sign a browser in by code."""
        sent = await browser.post("/login/code", json={"email": email})
        assert sent.status_code == 202, sent.text
        answer = await browser.post("/login/code/verify", json={"email": email, "code": self.mails.code(email)})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


CLIENTS = Path(__file__).parent.parent / "clients"


class Program:
    """A node program that says where the browser must go and is told where it came back."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """The next line as it is."""
        assert self._process.stdout is not None
        return (await asyncio.wait_for(self._process.stdout.readline(), 30)).decode()

    async def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 30)
        assert line, await self._said()
        return dict(json.loads(line))

    async def end(self) -> None:
        """End the program."""
        self._process.kill()
        await self._process.wait()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")

    async def _said(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()


# Making RSA keys is slow; every service of a run starts with the same ones.
_KEYS: list[dict[str, Any]] = []


def whoami(auth: Auth) -> Route:
    """A protected resource, as GraphQL is one."""

    async def handler(request: Request) -> Response:
        access: Access = await auth.authenticator.access(request)
        if "level" in request.query_params:
            auth.authenticator.require_level(access, int(request.query_params["level"]))
        return JSONResponse(
            {
                "kind": access.kind,
                "subject": access.subject,
                "memberId": access.member_id,
                "tillId": access.till_id,
                "storeId": access.store_id,
                "sessionId": access.session_id,
                "scopes": sorted(access.scopes),
                "acr": access.acr,
                "via": access.via,
                "actor": access.actor,
            }
        )

    return Route("/whoami", answering(handler), methods=["GET", "POST"])


@contextlib.asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an app on a bound socket, in this process."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 -- uvicorn offers no event
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def listen() -> tuple[socket.socket, str]:
    """A free port on loopback and its address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.asynccontextmanager
async def running(
    database: Database,
    settings: Settings,
    *,
    clock: MovableClock | None = None,
    policy: dict[str, Any] | None = None,
    host: str | None = None,
    **options: Any,
) -> AsyncIterator[Service]:
    """The service on a port of its own; `policy` replaces durations and limits, `host` the issuer's host name."""
    listener, url = listen()
    if host is not None:
        url = url.replace("127.0.0.1", host)
    await ensure_indexes(database, INDEXES)
    clock = clock or MovableClock(datetime.now(UTC))
    mails, members = Mails(), Members()
    outbox = Outbox(database, clock)
    auth = Auth(
        database,
        clock,
        settings.model_copy(update={"public_url": url}),
        limiter=Limiter(database, clock),
        mailer=mails,
        members=members,
        stores=Stores(),
        outbox=outbox,
        policy=AuthPolicy(**{"issuer": url, **(policy or {})}),
        **options,
    )
    if _KEYS:
        await database["keys"].insert_many(copy.deepcopy(_KEYS))
    await auth.start()
    _KEYS.extend(await database["keys"].find().to_list() if not _KEYS else [])
    app = Starlette(routes=[*routes(auth), whoami(auth)])
    async with serving(app, listener):
        service = Service(auth, url, clock, mails, members, outbox)
        yield service
        await service.close()


@contextlib.asynccontextmanager
async def alone(client: Client, mongod: EmbeddedMongod, **options: Any) -> AsyncIterator[Service]:
    """A service with a database of its own and no limits per network, for many tests that only add to it."""
    database = client[f"test_{secrets.token_hex(6)}"]
    settings = Settings(mongodb_uri=mongod.uri, secret=SecretStr("a root secret of tests, long enough to be one"))
    many = Limit(100_000, timedelta(minutes=1))
    names = ("codes_per_network", "tries_per_network", "codes_global", "pairings_per_network", "passkeys_per_network")
    async with running(database, settings, policy=dict.fromkeys(names, many), **options) as service:
        yield service
    await client.drop_database(database.name)


@pytest.fixture(scope="session")
async def shared(client: Client, mongod: EmbeddedMongod) -> AsyncIterator[Service]:
    """One service for the tests that only add to it: everybody in them has an address of their own."""
    async with alone(client, mongod) as service:
        yield service


@pytest.fixture
async def service(database: Database, settings: Settings) -> AsyncIterator[Service]:
    async with running(database, settings) as service:
        yield service


@pytest.fixture(scope="package")
async def world(
    client: Client, mongod: EmbeddedMongod, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The whole service, for what is asked through its API."""
    settings = Settings(
        data=tmp_path_factory.mktemp("world"),
        mongodb_uri=mongod.uri,
        secret=SecretStr("a root secret of tests, long enough to be one"),
        log_level="error",
    )
    async with running_world(client, settings, MovableClock(datetime.now(UTC))) as world:
        yield world


@pytest.fixture(scope="session")
async def run() -> AsyncIterator[Any]:
    started: list[asyncio.subprocess.Process] = []

    async def start(script: str, *arguments: str, **environment: str) -> Program:
        assert (CLIENTS / "node_modules").is_dir(), "run `npm ci` in tests/clients first"
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "node",
            CLIENTS / script,
            *arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, **environment},
        )
        started.append(process)
        return Program(process)

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()
