"""How much one caller may ask at once: a leaky bucket per caller, in units of a document's static cost."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic


class CostBuckets:
    """Buckets of this process, the oldest forgotten first; a forgotten caller starts full again.

    Kept in memory on purpose: the answer must cost less than what it protects.
    """

    def __init__(
        self, capacity: int, refill: int, *, callers: int = 20_000, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._capacity = capacity
        self._refill = refill
        self._callers = callers
        self._seconds = seconds
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, cost: int) -> float | None:
        """Take a cost out; None when there was enough, else the seconds until there will be."""
        now = self._seconds()
        left, since = self._levels.get(caller, (float(self._capacity), now))
        left = min(self._capacity, left + (now - since) * self._refill)
        if left < cost:
            self._put(caller, left, now)
            return (cost - left) / self._refill
        self._put(caller, left - cost, now)
        return None

    def _put(self, caller: str, left: float, now: float) -> None:
        self._levels[caller] = (left, now)
        self._levels.move_to_end(caller)
        if len(self._levels) > self._callers:
            self._levels.popitem(last=False)
