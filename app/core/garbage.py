"""Python's cyclic garbage collector, set for a service that keeps much in memory and makes few cycles."""

import gc
from typing import Final

_THRESHOLDS: Final = (5_000, 10, 50)


def collect_seldom() -> None:
    """Leave what is there now out of every later collection, and collect after far more allocations than by default.

    Batches allocate by the thousand and free by reference counting; the default walks tens of thousands of remembered
    accounts again and again to find nothing, which takes a seventh of the processor time of a posted operation.
    It is not collected more seldom than that, because GraphQL leaves cycles behind, and everybody waits while they are
    freed: 50,000 objects are 50 ms, 5,000 are 5.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
