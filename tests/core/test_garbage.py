"""The garbage collector as the service sets it."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.garbage import collect_seldom


@pytest.fixture
def freed() -> Iterator[list[int]]:
    """How many objects each collection frees, under the service's settings; everybody waits meanwhile."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            found.append(info["collected"])

    thresholds = gc.get_threshold()
    collect_seldom()
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_cycles_are_freed_in_small_parts(freed: list[int]) -> None:
    in_flight: list[Any] = []
    for _ in range(100_000):
        cycle: dict[str, Any] = {}
        cycle["self"] = [cycle]
        in_flight.append(cycle)
        if len(in_flight) > 2_000:
            in_flight.clear()
    assert len(freed) > 10
    assert max(freed) < 40_000
