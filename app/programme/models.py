"""Stored shape of the programme."""

from typing import Literal, NotRequired, TypedDict


class Tier(TypedDict):
    """A rung of the ladder; reached with `threshold` qualifying points inside one tier period."""

    id: str
    name: str
    rank: int
    """0 is where everybody starts; higher is better."""
    threshold: int
    multiplier: str
    """Decimal as text; every base point is multiplied by it."""
    benefits: list[str]


class ExpiryPolicy(TypedDict):
    """When earned points end: `months` after earning (rolling), after the last activity (sliding) or at fixed dates."""

    model: Literal["fixed", "rolling", "sliding"]
    months: int
    round: Literal["none", "day", "month"]
    """Ends are moved to the end of the local day or month, so that a member has few dates to remember."""


class EarningPolicy(TypedDict):
    """How long points wait before they are usable (days, 0 = at once), and how long they last."""

    pending_days: int
    expiry: ExpiryPolicy


class ReturnPolicy(TypedDict):
    """How far a return may take points back once they have been spent."""

    deficit: Literal["only_pending", "within_balance", "unlimited"]


class PayWithPoints(TypedDict):
    """Points as a part payment; the part of a sale that they pay earns nothing."""

    points_per_unit: int
    """So many points pay one unit of the currency."""
    minimum: int
    """Fewest points that can be paid with at once."""
    maximum_share: int
    """Largest part of a sale, in per cent, that points may pay."""


class Programme(TypedDict):
    """The one programme that a service runs."""

    _id: str
    name: str
    currency: str
    """ISO 4217."""
    zone: str
    """IANA time zone; days, months and years of the programme are counted in it."""
    languages: list[str]
    """BCP 47 tags; the first is the default."""
    region: str
    """ISO 3166 two letters; how a telephone number without a country code is read."""
    brand_hue: float
    """OKLCH degrees."""
    points_one: str
    points_other: str
    tiers: list[Tier]
    """In order of rank."""
    tier_period: Literal["calendar_year", "rolling_12_months"]
    earning: EarningPolicy
    return_policy: ReturnPolicy
    pay_with_points: NotRequired[PayWithPoints]
    """Absent where points only buy rewards."""
    reservation_minutes: int
    """A reserved reward waits this long for its till."""
    adjust_limit: dict[str, int]
    """Most points, in either direction, that a role may correct in one adjustment."""
