"""Time that tests can move.

Every part of Stampbook takes a clock; nothing reads the system's time by itself.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, whole milliseconds (MongoDB keeps no finer)."""
        ...


def _to_milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, whole milliseconds."""
        return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = _to_milliseconds(start.astimezone(UTC))

    def now(self) -> datetime:
        """The instant that the clock was last moved to."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the clock; backwards is allowed, as real clocks do it too."""
        self._now = _to_milliseconds(instant.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self.move_to(self._now + by)
