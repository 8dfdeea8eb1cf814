"""Where a member stands on the ladder."""

import strawberry

from schema.fields import says
from schema.programme import Tier
from schema.scalars import Date, Points


@strawberry.type(description="A member's tier now, and what it takes to reach the next.")
class TierStanding:
    """Source: a Standing."""

    tier: Tier = says("The tier held now.")
    qualifying_points: Points = says("Points that count towards the tier in this period.", key="qualifying")
    next_tier: Tier | None = says("The tier above; null at the top.")
    points_to_next: Points | None = says("Qualifying points still missing to it; null at the top.")
    period_start: Date = says("First day of the present tier period, in the programme's zone.")
    period_end: Date = says("Last day of it.")
    guaranteed_until: Date | None = says(
        "The day until which this tier is kept whatever happens; null on the lowest tier, which nobody loses."
    )
