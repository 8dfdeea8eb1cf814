"""The threat table, a test for each line: what only the whole service shows."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import compress

import httpx2 as httpx
import orjson
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from app.core.clock import MovableClock
from auth.clients.service import TRANSFER_GRANT
from auth.transfers.service import REFRESH_TYPE, TRANSFER_TYPE
from tests.auth.conftest import Mails, Members, Service
from tests.auth.person import Client, Person, answer_of, app, storefront
from tests.auth.test_tills import ASSERTION, Till, paired
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


@pytest.fixture
async def whole(world: World) -> AsyncIterator[Service]:
    """The whole service, for helpers that know sign-in alone."""
    clock = world.stampbook.clock
    assert isinstance(clock, MovableClock)
    whole = Service(world.stampbook.auth, world.url, clock, Mails(), Members(), world.stampbook.outbox)
    yield whole
    await whole.leave()


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds the tokens that are tried, and where: a storefront, a till, and the till of the card reader."""

    shop: Client
    till: Till
    counter: Caller
    http: httpx.AsyncClient

    async def form(self, **fields: str) -> bool:
        """Whether the token endpoint takes it from the storefront."""
        own = {"client_id": self.shop.client_id, "client_secret": str(self.shop.secret)}
        return (await self.http.post("/token", data={**own, **fields})).status_code == 200

    async def graphql(self, query: str, token: str) -> bool:
        """Whether the API answers whoever bears it."""
        return (await Caller(self.http, {"authorization": f"Bearer {token}"}).ask(query)).status == 200

    def doors(self, cookie_name: str) -> dict[str, tuple[Callable[[str], Awaitable[bool]], str | None]]:
        """Every endpoint that takes a token: whether it opens, and the one kind that it is for."""
        http = self.http

        async def userinfo(token: str) -> bool:
            return (await http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})).status_code == 200

        async def card_reader(token: str) -> bool:
            seen = await self.counter.do("cardIdentify", "mayEarn", code=token, basketId=secrets.token_hex(6))
            return bool(seen["mayEarn"])

        async def cookie(token: str) -> bool:
            answer = await http.get("/web/session", headers={"Cookie": f"{cookie_name}={token}"})
            return bool(answer.json().get("kind") == "member")

        async def assertion(token: str) -> bool:
            sent = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": token}
            return (await http.post("/token", data=sent)).status_code == 200

        async def transfer(token: str) -> bool:
            return (await http.post("/session/transfer", data={"transfer": token})).status_code == 303

        async def backchannel(token: str) -> bool:
            return (await http.post("/idp/corp/backchannel", data={"logout_token": token})).status_code == 200

        async def code(token: str) -> bool:
            sent = {"redirect_uri": Client.redirect_uri, "code_verifier": self.shop.verifier}
            return await self.form(grant_type="authorization_code", code=token, **sent)

        async def hint(token: str) -> bool:
            return (await http.get("/end_session", params={"id_token_hint": token})).status_code == 200

        return {
            "the member's API": (lambda token: self.graphql("{ viewer { id } }", token), "access"),
            "the till's API": (lambda token: self.graphql("{ till { id } }", token), "till"),
            "userinfo": (userinfo, "access"),
            "card reader": (card_reader, "card"),
            "cookie": (cookie, "cookie"),
            "client assertion": (assertion, "assertion"),
            "transfer": (transfer, "transfer"),
            "backchannel": (backchannel, None),
            "refresh": (lambda token: self.form(grant_type="refresh_token", refresh_token=token), "refresh"),
            "code": (code, "code"),
            "logout hint": (hint, "id"),
        }


async def test_token_confusion(whole: Service, world: World) -> None:
    """Each kind of token at each other endpoint of the whole service; only its own takes it."""
    shop, own, member = await storefront(whole), await app(whole), await world.member()
    till = await paired(whole, store=world.store_id)
    session = member.headers["cookie"].partition("=")[2]
    person = Person(whole)
    person.http.cookies.set(whole.auth.cookie.name, session)
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    app_tokens = (await own.redeem(await person.through(own.url()))).json()
    exchanged = await own.token(
        grant_type=TRANSFER_GRANT,
        subject_token=app_tokens["refresh_token"],
        subject_token_type=REFRESH_TYPE,
        requested_token_type=TRANSFER_TYPE,
    )
    kinds = {
        "id": tokens["id_token"],
        "access": tokens["access_token"],
        "refresh": tokens["refresh_token"],
        "till": (await till.token())["access_token"],
        "code": answer_of(str(await person.open(shop.url())))["code"],
        "logout": await whole.auth.id_tokens.logout_token(client_id=shop.client_id, subject="idn_x", sid="fam_x"),
        "transfer": exchanged.json()["access_token"],
        "assertion": till.assertion(),
        "proof": own.proof("GET", "/graphql", tokens["access_token"]),
        "cookie": session,
        "card": (await phone_of(member)).code(world.stampbook.clock.now()),
    }
    holders = Holders(shop, till, await world.till(), world.http)
    for door, (opens, own_kind) in holders.doors(whole.auth.cookie.name).items():
        opened = await asyncio.gather(*(opens(token) for token in kinds.values()))
        assert list(compress(kinds, opened)) == ([own_kind] if own_kind else []), door
