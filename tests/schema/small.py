"""A small schema of our own to try the endpoint with, and callers that need no sign-in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import strawberry
from starlette.requests import HTTPConnection

from app.core.errors import InvalidInput
from auth.errors import AuthRefused
from schema.build import build, executable
from schema.documents import DocumentCache
from schema.endpoint import GraphQLApp, Profile
from schema.execution import Execution
from schema.explorer import Explorer
from schema.fields import field, mutation, says, subscription
from schema.limits import Limits
from schema.origin import Origins
from schema.scalars import Points
from schema.scopes import PUBLIC, needs

STORED = {"_id": "mbr_1", "name": "Ada", "points": 2**40}


@dataclass(frozen=True, slots=True)
class SmallContext:
    access: "TestCaller"


@dataclass(frozen=True, slots=True)
class TestCaller:
    kind: str = "anonymous"
    scopes: frozenset[str] = frozenset()
    via: str = "none"
    session_id: str | None = None
    subject: str | None = None


@strawberry.type
class Person:
    """Somebody."""

    id: strawberry.ID = says("Id.", key="_id")
    name: str = says("Name.")
    points: Points = says("Points.")
    shout: str = says("Name, loud.", read=lambda person: person["name"].upper())
    kind: str = says("Who asks.", load=lambda _person, context: context.access.kind)


@strawberry.type
class Query:
    """Reads."""

    @field("Greets.", directives=PUBLIC)
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}!"

    @field("The caller.", directives=needs("member:read"), kind=Person)
    async def me(self) -> dict[str, object]:
        return STORED

    @field("Many.", directives=PUBLIC, kind=list[Person])
    async def people(self, first: int = 20) -> list[dict[str, object]]:
        return [STORED] * min(first, 3)

    @field("Friends.", directives=PUBLIC, kind=Person | None)
    async def broken(self) -> None:
        raise RuntimeError("secret detail")

    @field("Refuses.", directives=PUBLIC)
    async def refused(self) -> str | None:
        raise InvalidInput(("name",), "That name will not do.")

    @field("Never ends.", directives=PUBLIC)
    async def slow(self) -> str:
        await asyncio.sleep(60)
        return "late"


@strawberry.type
class Mutation:
    """Writes."""

    @mutation("Counts.", directives=PUBLIC)
    async def count(self) -> int:
        return 1


@strawberry.type
class Subscription:
    """Streams."""

    @subscription("Counts up.", directives=PUBLIC)
    async def ticks(self, upto: int = 3) -> AsyncIterator[int]:
        for number in range(upto):
            yield number

    @subscription("Says nothing.", directives=needs("member:read"))
    async def silence(self) -> AsyncIterator[int]:
        yield 0
        await asyncio.Event().wait()

    @subscription("Breaks.", directives=PUBLIC)
    async def breaking(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("secret detail")


SCHEMA = executable(build(Query, Mutation, Subscription))
MEMBER = TestCaller("member", frozenset({"member:read"}), "cookie", "ses_1", "idn_1")


class Sessions:
    """Who holds which cookie or token; ending one ends it at once."""

    def __init__(self) -> None:
        self.live = {"cookie": MEMBER, "token": TestCaller("member", frozenset({"member:read"}), "bearer", "ses_2")}

    async def access(self, connection: HTTPConnection) -> TestCaller:
        if authorization := connection.headers.get("authorization"):
            return await self.access_by_token(authorization)
        if connection.cookies.get("session") == "s" and "cookie" in self.live:
            return self.live["cookie"]
        return TestCaller()

    async def access_by_token(self, authorization: str) -> TestCaller:
        token = authorization.removeprefix("Bearer ")
        if token not in self.live:
            raise AuthRefused("invalid_token", "the token is unknown or has ended")
        return self.live[token]

    async def still(self, access: TestCaller) -> bool:
        return access in self.live.values()


async def _is_shop(origin: str) -> bool:
    return origin == "https://shop.example"


def small_app(
    *,
    production: bool = False,
    persisted_only: bool = False,
    persisted: dict[str, str] | None = None,
    limits: Limits | None = None,
    deadline: float = 5.0,
    recheck: float = 5.0,
    sessions: Sessions | None = None,
    explorer: Explorer | None = None,
) -> GraphQLApp[TestCaller]:
    documents = DocumentCache(
        SCHEMA,
        limits or Limits(),
        introspection=not production,
        suggestions=not production,
        persisted=persisted,
    )
    return GraphQLApp(
        documents,
        Execution(SCHEMA, suggestions=not production, deadline=deadline),
        gate=sessions or Sessions(),
        context=SmallContext,
        origins=Origins("http://localhost:8000", _is_shop),
        profile=Profile.production(persisted_only=persisted_only) if production else Profile.development(),
        recheck=recheck,
        explorer=explorer,
    )
