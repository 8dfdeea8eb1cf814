"""Where a member stands."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.programme.models import Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's tier at an instant, and what it takes to reach the next.

    Dates are days in the programme's zone, the last one included. `qualifying` counts in the present period only.
    `guaranteed_until` is None on the lowest tier, which nobody loses.
    """

    tier: Tier
    multiplier: Decimal
    qualifying: int
    next_tier: Tier | None
    points_to_next: int | None
    period_start: date
    period_end: date
    guaranteed_until: date | None
