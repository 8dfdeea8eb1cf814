import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson
import pytest
import websockets
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from schema.endpoint import routes
from tests.schema.server import listening
from tests.schema.small import Sessions, small_app

PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[str]:
    async with listening(Starlette(routes=routes(small_app(**options)))) as address:
        yield address


@asynccontextmanager
async def socket(address: str, headers: dict[str, str] | None = None) -> AsyncIterator[ClientConnection]:
    # A stranger's page would be refused the cookie, so these speak for the page itself unless they say otherwise.
    given = {"Origin": f"http://{address}", **(headers or {})}
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], additional_headers=given) as connection:
        yield connection


async def say(connection: ClientConnection, message: object) -> None:
    await connection.send(orjson.dumps(message).decode())


async def hear(connection: ClientConnection) -> dict[str, Any]:
    message = orjson.loads(await asyncio.wait_for(connection.recv(), 5))
    assert isinstance(message, dict)
    return message


async def closing(connection: ClientConnection) -> int | None:
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            await asyncio.wait_for(connection.recv(), 10)
    return connection.close_code


async def start(connection: ClientConnection, payload: object = None) -> None:
    await say(connection, {"type": "connection_init", **({"payload": payload} if payload else {})})
    assert await hear(connection) == {"type": "connection_ack"}


async def test_a_socket_runs_subscriptions_queries_and_mutations_side_by_side() -> None:
    async with serving() as address, socket(address) as connection:
        await start(connection)
        await say(connection, {"type": "ping"})
        assert await hear(connection) == {"type": "pong"}
        for identity, query in (
            ("a", "subscription { ticks(upto: 2) }"),
            ("b", "{ hello }"),
            ("c", "mutation { count }"),
        ):
            await say(connection, {"id": identity, "type": "subscribe", "payload": {"query": query}})
        heard: dict[str, list[Any]] = {"a": [], "b": [], "c": []}
        for _ in range(7):
            message = await hear(connection)
            heard[message["id"]].append(message.get("payload", {}).get("data") or message["type"])
        assert heard == {
            "a": [{"ticks": 0}, {"ticks": 1}, "complete"],
            "b": [{"hello": "Hello, world!"}, "complete"],
            "c": [{"count": 1}, "complete"],
        }


@pytest.mark.parametrize(
    ("payload", "refusal"),
    [
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { silence }"}, "UNAUTHENTICATED"),
        ({"query": "subscription ($n: Int!) { ticks(upto: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query ($n: Int!) { people(first: $n) { id } }"}, "BAD_USER_INPUT"),
        ({"documentId": "sha256:0"}, "PERSISTED_DOCUMENT_NOT_FOUND"),
        ({"query": 7}, "BAD_REQUEST"),
    ],
)
async def test_a_refused_operation_leaves_the_socket_open(payload: dict[str, object], refusal: str) -> None:
    async with serving() as address, socket(address) as connection:
        await start(connection)
        await say(connection, {"id": "1", "type": "subscribe", "payload": payload})
        message = await hear(connection)
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == refusal
        await say(connection, {"id": "1", "type": "subscribe", "payload": {"query": "{ hello }"}})
        assert (await hear(connection))["type"] == "next"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"id": "1", "type": "subscribe", "payload": {"query": "{ hello }"}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "unheard-of"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": 1, "payload": {}}], 4400),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer gone"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer \u20ac"}}], 4403),
        ([["connection_init"]], 4400),
        (
            [{"type": "connection_init"}]
            + [{"id": "1", "type": "subscribe", "payload": {"query": "subscription { silence }"}}] * 2,
            4409,
        ),
    ],
)
async def test_a_socket_that_breaks_the_protocol_is_closed_with_its_code(messages: list[Any], code: int) -> None:
    async with serving() as address, socket(address, {"Cookie": "session=s"}) as connection:
        for message in messages:
            await say(connection, message)
        assert await closing(connection) == code


async def test_a_socket_runs_so_many_operations_and_no_more() -> None:
    async with serving() as address, socket(address, {"Cookie": "session=s"}) as connection:
        await start(connection)
        for number in range(21):
            payload = {"query": "subscription { silence }"}
            await say(connection, {"id": str(number), "type": "subscribe", "payload": payload})
        heard = [await hear(connection) for _ in range(21)]
        assert [message["id"] for message in heard if message["type"] == "error"] == ["20"]


async def test_a_socket_needs_the_right_subprotocol() -> None:
    async with serving() as address, connect(f"ws://{address}/graphql") as connection:
        assert await closing(connection) == 4406


async def test_a_socket_must_introduce_itself_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.websocket._INIT_SECONDS", 0.1)
    async with serving() as address, socket(address) as connection:
        assert await closing(connection) == 4408


@pytest.mark.parametrize("origin", ["https://shop.example", "http://localhost.evil.example", "null"])
async def test_another_sites_socket_cannot_use_the_cookie_but_may_bring_a_token(origin: str) -> None:
    async with serving() as address:
        headers = {"Origin": origin, "Cookie": "session=s"}
        async with socket(address, headers) as connection:
            await say(connection, {"type": "connection_init"})
            assert await closing(connection) == 4403
        async with socket(address, headers) as connection:
            await start(connection, {"authorization": "Bearer token"})
            await say(connection, {"id": "1", "type": "subscribe", "payload": {"query": "{ me { kind } }"}})
            assert (await hear(connection))["payload"] == {"data": {"me": {"kind": "member"}}}


async def test_signing_out_closes_the_socket() -> None:
    sessions = Sessions()
    cookie = {"Cookie": "session=s"}
    async with serving(sessions=sessions, recheck=0.05) as address, socket(address, cookie) as connection:
        await start(connection)
        await say(connection, {"id": "1", "type": "subscribe", "payload": {"query": "subscription { silence }"}})
        assert (await hear(connection))["payload"] == {"data": {"silence": 0}}
        del sessions.live["cookie"]
        assert await closing(connection) == 4403


async def test_a_client_can_stop_one_subscription() -> None:
    async with serving() as address, socket(address, {"Cookie": "session=s"}) as connection:
        await start(connection)
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { silence }"}}
        await say(connection, subscribe)
        assert (await hear(connection))["type"] == "next"
        await say(connection, {"id": "1", "type": "complete"})
        await say(connection, subscribe)
        assert (await hear(connection))["type"] == "next"


async def test_a_source_that_breaks_is_masked_and_ends() -> None:
    async with serving() as address, socket(address) as connection:
        await start(connection)
        await say(connection, {"id": "1", "type": "subscribe", "payload": {"query": "subscription { breaking }"}})
        assert (await hear(connection))["payload"] == {"data": {"breaking": 1}}
        message = await hear(connection)
        assert message["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert "secret" not in str(message)
        assert (await hear(connection))["type"] == "complete"


async def events(response: httpx2.Response) -> list[tuple[str, Any]]:
    found, name = [], ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data:"):
            found.append((name, orjson.loads(line[6:]) if line[6:] else None))
    return found


async def test_events_stream_over_plain_http() -> None:
    headers = {"accept": "text/event-stream"}
    async with serving() as address, httpx2.AsyncClient(base_url=f"http://{address}") as http:
        for query, expected in (
            ("subscription { ticks(upto: 2) }", [{"data": {"ticks": 0}}, {"data": {"ticks": 1}}]),
            ("{ hello }", [{"data": {"hello": "Hello, world!"}}]),
        ):
            async with http.stream("POST", "/graphql", json={"query": query}, headers=headers) as response:
                assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
                assert await events(response) == [*(("next", data) for data in expected), ("complete", None)]
        refused = await http.post("/graphql", json={"query": "subscription { ticks }"})
        assert refused.status_code == 406
        wrong = await http.post("/graphql", json={"query": "subscription { no }"}, headers=headers)
        assert "errors" in wrong.json()


async def test_signing_out_ends_the_event_stream() -> None:
    sessions = Sessions()
    headers = {"accept": "text/event-stream", "cookie": "session=s", "sec-fetch-site": "same-origin"}
    async with serving(sessions=sessions, recheck=0.05) as address, httpx2.AsyncClient() as http:
        body = {"query": "subscription { silence }"}
        async with http.stream("POST", f"http://{address}/graphql", json=body, headers=headers) as response:
            del sessions.live["cookie"]
            async with asyncio.timeout(5):
                heard = await events(response)
        assert heard[0] == ("next", {"data": {"silence": 0}})
        assert heard[1][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert heard[2] == ("complete", None)
