"""Two thousand generated operations, asked by everybody who can ask: never a 5xx, never a bug."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import httpx2
import pytest
import schemathesis
from graphql import IntValueNode, StringValueNode
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from schema import export
from schema.scalars import MAX_POINTS
from tests.schema.world import Caller, World

# Making an operation up takes longer than asking it, so each is asked by everybody.
OPERATIONS = 400
CASES = 2000


@pytest.fixture(scope="module", autouse=True)
def _scalars() -> None:
    """Values of our own scalars, most of them well formed."""
    instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat(timespec="milliseconds"))
    decimals = st.decimals(-(10**6), 10**6, places=2).map(str)
    written: dict[str, st.SearchStrategy[StringValueNode | IntValueNode]] = {
        "DateTime": (instants | st.just("now")).map(nodes.String),
        "Date": (st.dates().map(str) | st.just("today")).map(nodes.String),
        "Decimal": (decimals | st.just("much")).map(nodes.String),
        "Points": st.integers(-MAX_POINTS - 1, MAX_POINTS + 1).map(nodes.Int),
    }
    for name, strategy in written.items():
        schemathesis.graphql.scalar(name, strategy)


@dataclass
class Tally:
    """What came back."""

    asked: int = 0
    answered: int = 0
    faults: list[str] = field(default_factory=list)


def operations() -> list[str]:
    """What schemathesis makes up, the same each time."""
    made: list[str] = []

    @seed(20261122)
    @settings(
        max_examples=OPERATIONS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schemathesis.graphql.from_file(export.text()).as_strategy())
    def make(case: schemathesis.Case[Any]) -> None:
        assert isinstance(case.body, str)
        made.append(case.body)

    make()
    return made


async def ask(http: httpx2.AsyncClient, query: str, caller: Caller, tally: Tally) -> None:
    """Ask one operation as one caller, and count what comes of it."""
    response = await http.post("/graphql", json={"query": query}, headers=caller.headers)
    body = response.json()
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    tally.asked += 1
    tally.answered += bool(body.get("data"))
    if response.status_code >= 500 or "INTERNAL" in codes:
        tally.faults.append(f"{response.status_code} {query} {response.text[:500]}")


# The generator's own affair; what it makes stays the same for the same seed.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_two_thousand_operations_find_no_fault(world: World) -> None:
    callers = [
        await world.member(points=500),
        await world.staff("agent_lead", "admin"),
        await world.till(),
        await world.somebody(),
        world.stranger(),
    ]
    tally = Tally()
    # Made up first, in a thread of its own: beside the asking, the two would wait for each other's interpreter.
    made = await asyncio.to_thread(operations)
    async with httpx2.AsyncClient(base_url=world.url.replace("localhost", "127.0.0.1"), timeout=30) as http:
        for query in made:
            await asyncio.gather(*(ask(http, query, caller, tally) for caller in callers))
    assert tally.faults == []
    assert tally.asked >= CASES
    # A sweep that is refused at the door tests nothing but the door.
    assert tally.answered > CASES / 10
