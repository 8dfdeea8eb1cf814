"""The garbage collector as the service sets it."""

import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.garbage import collect_seldom


@pytest.fixture
def pauses() -> Iterator[list[float]]:
    """Seconds of processor time that each collection takes, under the service's settings."""
    found: list[float] = []
    began = 0.0

    def note(phase: str, _info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.thread_time()
        else:
            found.append(time.thread_time() - began)

    thresholds = gc.get_threshold()
    collect_seldom()
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_nobody_waits_long_while_cycles_are_freed(pauses: list[float]) -> None:
    in_flight: list[Any] = []
    for _ in range(100_000):
        cycle: dict[str, Any] = {}
        cycle["self"] = [cycle]
        in_flight.append(cycle)
        if len(in_flight) > 2_000:
            in_flight.clear()
    assert len(pauses) > 10
    assert max(pauses) < 0.020
