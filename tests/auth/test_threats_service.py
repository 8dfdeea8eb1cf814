"""The threat table, a test for each line: what only the whole service shows."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import orjson
import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.schema.world import Caller, World
from tests.wallet.conftest import Phone

PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def listening(world: World, headers: dict[str, str]) -> AsyncIterator[ClientConnection]:
    """A socket that hears of its member's changes."""
    address = world.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        query = {"query": "subscription { memberChanged { cause } }"}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": query}).decode())
        assert "CONNECTED" in str(await socket.recv())
        yield socket


async def closed(socket: ClientConnection) -> int | None:
    """The code that the socket is closed with."""
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code


async def test_stale_long_lived_sockets(world: World) -> None:
    """Sign-out closes an open subscription within five seconds and a little; another member's stays open."""
    ada, berta = await world.member(), await world.member()
    own = {"Cookie": ada.headers["cookie"], "Origin": world.url}
    other = {"Cookie": berta.headers["cookie"], "Origin": world.url}
    async with listening(world, own) as stale, listening(world, other) as kept:
        await world.http.delete("/web/session", headers=own)
        assert await asyncio.wait_for(closed(stale), 8) == 4403
        await kept.send(orjson.dumps({"type": "ping"}).decode())
        assert "pong" in str(await kept.recv())


async def phone_of(member: Caller) -> Phone:
    """The member's phone, registered for rotating codes."""
    phone = Phone()
    done = await member.do(
        "cardDeviceRegister", "credentialId serverKey epoch", publicKey=phone.public_key, name="Phone"
    )
    assert done["userErrors"] == []
    phone.connect(done["credentialId"], done["epoch"], done["serverKey"])
    return phone


async def test_till_insider_redeeming_others_points(world: World) -> None:
    """What is printed earns only; a code of the phone counts once, for a minute or so, and a replay is told."""
    ada, till = await world.member(points=500), await world.till()
    number = (await ada.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]

    async def scan(code: str) -> tuple[str, bool]:
        seen = await till.do("cardIdentify", "verdict mayRedeem", code=code, basketId=secrets.token_hex(6))
        return seen["verdict"], seen["mayRedeem"]

    assert await scan(number) == ("FRESH", False)
    phone, now = await phone_of(ada), world.stampbook.clock.now()
    code = phone.code(now)
    assert await scan(code) == ("FRESH", True)
    assert await scan(code) == ("REPLAY", False)
    assert (await scan(phone.code(now - timedelta(minutes=10))))[1] is False
    assert (await scan(code[:-1] + ("A" if code[-1] != "A" else "B")))[1] is False
