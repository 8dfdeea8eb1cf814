"""The viewer query and somebody who asks it, called in this process without a socket."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message

from app.ledger.models import Earn
from app.main import Stampbook
from app.members.models import Joining
from auth.web import Peer

ENTRIES: Final = 25
QUERY = """
query Home {
  viewer {
    id displayName givenName familyName status joinedAt language birthday
    balance { active pending reserved deficit lifetime nextExpiration { points at } }
    standing {
      tier { id name rank threshold } qualifyingPoints nextTier { id name threshold } pointsToNext
      periodStart periodEnd guaranteedUntil
    }
    activity(first: 20) {
      nodes { id kind points balanceAfter occurredAt title explanation { summary } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


async def member(stampbook: Stampbook) -> str:
    """A member with some entries; answers the cookie."""
    email = f"{secrets.token_hex(5)}@example.com"
    proved = await stampbook.auth.identities.prove_email(email)
    member = await stampbook.members.join(
        proved.identity["_id"], Joining(display_name="Ada Lovelace", email=email, accept_terms=True)
    )
    for number in range(ENTRIES):
        now = stampbook.clock.now()
        await stampbook.ledger.post(
            Earn(
                account=member["_id"],
                operation=f"bench:{number}",
                occurred_at=now,
                actor="system:bench",
                reason={"title": "Purchase", "summary": "12 points for $12.00."},
                points=12,
                qualifying=12,
                month=f"{now:%Y-%m}",
            )
        )
    opened = await stampbook.auth.sessions.open(proved.identity, "email", Peer("127.0.0.0/24", "Bench"), email=email)
    return f"{stampbook.auth.cookie.name}={opened.value}"


async def post(app: ASGIApp, cookie: str) -> bytes:
    """Ask the viewer query with a cookie; answers the body."""
    answer = await call(
        app, "POST", "/graphql", {"query": QUERY}, cookie=cookie, accept="application/graphql-response+json"
    )
    return answer.body


class Answer:
    """A response: its headers by lower-case name, and its body."""

    def __init__(self, messages: list[Message]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])


async def call(app: ASGIApp, method: str, path: str, data: Mapping[str, Any], **headers: str) -> Answer:
    """Send JSON as one of our own pages does; fails unless it goes well."""
    body = orjson.dumps(data)
    given = {
        "host": "localhost:8000",
        "origin": "http://localhost:8000",
        "content-type": "application/json",
        "content-length": str(len(body)),
        **headers,
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, _Body(body), send)
    assert 200 <= sent[0]["status"] < 300, sent
    return Answer(sent)


class _Body:
    """A request's body, and then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def __call__(self) -> Message:
        if self._messages:
            return self._messages.pop()
        await asyncio.Event().wait()
        raise AssertionError
