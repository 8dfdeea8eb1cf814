"""The real service on a real socket, with people who hold cookies and tills that hold tokens."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import ASGIApp

from app.core.clock import Clock
from app.core.database import Client
from app.core.settings import Settings
from app.ledger.models import Adjust
from app.main import Stampbook
from app.members.models import Joining
from app.products.models import NewProduct
from app.rewards.models import NewReward
from app.stores.models import NewStore
from auth.keys.service import public_jwk, thumbprint
from auth.web import Peer
from tests.schema.server import bind

STRICT = "application/graphql-response+json"
PEER = Peer("127.0.0.0/24", "Chrome on Linux")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response to one operation."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        """The data; fails with the errors when there are any."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def code(self) -> str:
        """Code of the first error."""
        return str(self.body["errors"][0]["extensions"]["code"])


@dataclass(slots=True)
class Caller:
    """Somebody who asks, by cookie or token; `id` is the member's, till's or identity's id."""

    http: httpx2.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    id: str = ""
    identity: str = ""
    session: str = ""

    async def ask(self, query: str, /, **variables: Any) -> Answer:
        """Run one operation."""
        response = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"accept": STRICT, **self.headers}
        )
        return Answer(response.status_code, response.json())

    async def do(self, name: str, selection: str, /, **sent: Any) -> dict[str, Any]:
        """Run one mutation; answers its payload with `userErrors`."""
        kind = name[0].upper() + name[1:]
        query = (
            f"mutation ($input: {kind}Input!) {{ {name}(input: $input) "
            f"{{ {selection} userErrors {{ field message code }} }} }}"
        )
        payload = (await self.ask(query, input=sent)).data[name]
        assert isinstance(payload, dict)
        return payload


class World:
    """A running service with one store, some products and rewards."""

    def __init__(self, stampbook: Stampbook, url: str, http: httpx2.AsyncClient) -> None:
        self.stampbook = stampbook
        self.url = url
        self.http = http
        self.store_id = "str_" + secrets.token_hex(12)
        self.products = [f"prd_{secrets.token_hex(12)}" for _ in range(3)]

    async def furnish(self) -> None:
        """A store and three products."""
        await self.stampbook.stores.add([NewStore(self.store_id, secrets.token_hex(4), "Market Street", "Boise")])
        await self.stampbook.products.add(
            [
                NewProduct(
                    id=product_id,
                    sku=secrets.token_hex(5),
                    barcode=None,
                    name=name,
                    department="GROCERY",
                    category=name.upper(),
                    brand=None,
                    size=None,
                    price=price,
                )
                for product_id, name, price in zip(
                    self.products, ("Oat milk", "Rye bread", "Blueberries"), (249, 399, 599), strict=True
                )
            ]
        )

    def stranger(self) -> Caller:
        """Somebody without any credential."""
        return Caller(self.http)

    async def somebody(self, email: str | None = None, roles: list[str] | None = None) -> Caller:
        """A signed-in identity that has not joined."""
        auth = self.stampbook.auth
        address = email or f"{secrets.token_hex(6)}@example.com"
        proved = await auth.identities.prove_email(address)
        identity = proved.identity
        if roles:
            person = await auth.staff.add(f"staff-{address}", "Ann Agent", roles)
            identity = (await auth.identities.prove_email(person.email)).identity
        opened = await auth.sessions.open(identity, "email", PEER, email=address)
        headers = {"cookie": f"{auth.cookie.name}={opened.value}", "origin": self.url}
        return Caller(self.http, headers, identity["_id"], identity["_id"], opened.session["_id"])

    async def member(self, name: str = "Ada Lovelace", points: int = 0, email: str | None = None) -> Caller:
        """A signed-in member, with points to spend."""
        address = email or f"{secrets.token_hex(6)}@example.com"
        caller = await self.somebody(address)
        joining = Joining(display_name=name, email=address, accept_terms=True)
        member = await self.stampbook.members.join(caller.identity, joining)
        caller.id = member["_id"]
        if points:
            await self.give(caller.id, points)
        return caller

    async def members(self, count: int, points: int = 0) -> list[Caller]:
        """Many members, made a few at a time."""
        turn = asyncio.Semaphore(25)

        async def one() -> Caller:
            async with turn:
                return await self.member(points=points)

        return await asyncio.gather(*(one() for _ in range(count)))

    async def give(self, member_id: str, points: int) -> None:
        """Points out of thin air."""
        await self.stampbook.ledger.post(
            Adjust(
                account=member_id,
                operation=f"gift:{secrets.token_hex(8)}",
                occurred_at=self.stampbook.clock.now(),
                actor="system:test",
                reason={"title": "Gift", "summary": "A gift."},
                points=points,
                expires_at=self.stampbook.clock.now() + timedelta(days=300),
            )
        )

    async def staff(self, *roles: str) -> Caller:
        """Somebody of the staff."""
        return await self.somebody(roles=list(roles))

    async def till(self) -> Caller:
        """A till, paired and with a token, over the service's own endpoints."""
        pairing = await self.stampbook.auth.pairings.create(self.store_id, "Till 1", "agent:idn_test")
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = public_jwk(key)
        paired = await self.http.post(
            "/till/pair",
            json={"code": pairing.code, "jwk": jwk, "label": "test"},
            headers={"origin": self.url},
        )
        assert paired.status_code == 201, paired.text
        client_id = paired.json()["clientId"]
        now = self.stampbook.clock.now()
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": f"{self.stampbook.settings.issuer}/token",
            "jti": secrets.token_hex(8),
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + 60,
        }
        assertion = jwt.encode(claims, key, algorithm="ES256", headers={"kid": thumbprint(jwk)})
        token = await self.http.post(
            "/token",
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
            },
        )
        assert token.status_code == 200, token.text
        return Caller(self.http, {"authorization": f"Bearer {token.json()['access_token']}"}, client_id)

    async def reward(self, price: int = 100, stock: int | None = None, **options: Any) -> str:
        """A reward of a dollar off, or whatever the options say."""
        reward_id = f"rwd_{secrets.token_hex(12)}"
        kind = options.pop("kind", "FIXED_DISCOUNT")
        if kind == "FIXED_DISCOUNT":
            options.setdefault("discount", 100)
        new = NewReward(
            id=reward_id,
            kind=kind,
            name="A dollar off",
            description="Off your next basket.",
            price=price,
            glyph="tag",
            stock=stock,
            **options,
        )
        assert await self.stampbook.rewards.add(new)
        return reward_id

    def line(self, quantity: int = 1, amount: str = "10.00", product: int = 0) -> dict[str, Any]:
        """A line of a sale."""
        return {
            "productId": self.products[product],
            "quantity": quantity,
            "amount": {"amount": amount, "currencyCode": "USD"},
        }

    def sale(self, **changes: Any) -> dict[str, Any]:
        """A sale as a till sends it."""
        now = self.stampbook.clock.now()
        return {
            "idempotencyKey": secrets.token_hex(8),
            "receiptNumber": secrets.token_hex(4),
            "businessDate": now.date().isoformat(),
            "occurredAt": instant(now),
            "lines": [self.line(2, "20.00")],
            **changes,
        }


def instant(at: datetime) -> str:
    """As the API writes instants."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextlib.asynccontextmanager
async def running(client: Client, settings: Settings, clock: Clock) -> AsyncIterator[World]:
    """The whole service on a free port, with a database of its own."""
    listener = bind()
    url = f"http://localhost:{listener.getsockname()[1]}"
    own = settings.model_copy(update={"database": f"test_{secrets.token_hex(6)}", "public_url": url})
    stampbook = Stampbook(own, client, clock)
    await stampbook.prepare()
    app: ASGIApp = await stampbook.application()
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", lifespan="on", ws="websockets-sansio", timeout_graceful_shutdown=2)
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 -- uvicorn offers no event to wait for
        await asyncio.sleep(0.005)
    limits = httpx2.Limits(max_connections=40)
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=120, limits=limits) as http:
            world = World(stampbook, url, http)
            await world.furnish()
            yield world
    finally:
        server.should_exit = True
        await serving
        await stampbook.close()
        await client.drop_database(own.database)
