"""Who flies next, and on whose plan the next chain of an account is decided."""

import asyncio

from app.ledger.batch import Operation, Plan
from app.ledger.lines import Flight, Lines
from app.ledger.models import Earn
from app.ledger.state import State
from tests.ledger.commands import make


def _wait_in_line(lines: Lines, *names: str) -> None:
    for name in names:
        lines.add(Operation(make(Earn, name, points=1), name, asyncio.get_running_loop().create_future(), 0.0))


def _next(lines: Lines) -> Flight:
    flight = lines.next(8, room=True)
    assert flight is not None
    return flight


async def test_a_chain_that_landed_leaves_the_lead_to_the_one_behind_it() -> None:
    lines = Lines(chain=2)
    first, second = Plan(State("mbr_ada"), []), Plan(State("mbr_ada"), [])
    _wait_in_line(lines, "a", "b")
    assert _next(lines).leader is None
    lines.lead(first)
    _wait_in_line(lines, "c", "d")
    assert _next(lines).leader is first
    # The second chain is sent as soon as the first is written, before whoever waits for the first hears of it.
    lines.lead(second)
    lines.follow_no_more(first)
    _wait_in_line(lines, "e", "f")
    assert _next(lines).leader is second
