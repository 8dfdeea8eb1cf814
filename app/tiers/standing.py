"""The standing as a pure function of the programme and the month buckets of a balance.

A tier reached in one period holds to the end of the next, so it is the best of what this period's points and the last
period's reach. A calendar year is one period. With rolling periods every month ends one of twelve months, and a tier
reached in a month holds for the twelve months after it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.programme.models import Programme, Tier
from app.programme.service import zone_of
from app.tiers.models import Standing

_YEAR = 12


def standing_of(programme: Programme, qualifying: Mapping[str, int], now: datetime) -> Standing:
    """Where somebody with these qualifying points per "YYYY-MM" (programme zone) stands at an instant."""
    today = now.astimezone(zone_of(programme)).date()
    this_month = today.year * _YEAR + today.month - 1
    ladder = sorted(programme["tiers"], key=lambda tier: tier["rank"])
    ends = _period_ends(programme, this_month)
    by_month = {int(month[:4]) * _YEAR + int(month[5:]) - 1: points for month, points in qualifying.items()}
    reached = [(_tier_for(ladder, _points(by_month, end)), end) for end in ends]
    tier, last_reached = max(reached, key=lambda pair: (pair[0]["rank"], pair[1]))
    points = _points(by_month, ends[-1])
    above = next((candidate for candidate in ladder if candidate["rank"] > tier["rank"]), None)
    return Standing(
        tier=tier,
        multiplier=Decimal(tier["multiplier"]),
        qualifying=points,
        next_tier=above,
        points_to_next=max(0, above["threshold"] - points) if above else None,
        period_start=_first_day(ends[-1] - _YEAR + 1),
        period_end=_last_day(ends[-1]),
        guaranteed_until=_last_day(last_reached + _YEAR) if tier is not ladder[0] else None,
    )


def month_of(programme: Programme, instant: datetime) -> str:
    """The bucket of an instant: "YYYY-MM" in the programme's zone."""
    return instant.astimezone(zone_of(programme)).strftime("%Y-%m")


def _period_ends(programme: Programme, this_month: int) -> range:
    """The last months (counted from year 0) of the periods whose tiers still hold, the present one last."""
    if programme["tier_period"] == "calendar_year":
        december = this_month // _YEAR * _YEAR + _YEAR - 1
        return range(december - _YEAR, december + 1, _YEAR)
    return range(this_month - _YEAR, this_month + 1)


def _points(by_month: Mapping[int, int], end: int) -> int:
    return max(0, sum(points for month, points in by_month.items() if end - _YEAR < month <= end))


def _tier_for(ladder: list[Tier], points: int) -> Tier:
    return next((tier for tier in reversed(ladder) if points >= tier["threshold"]), ladder[0])


def _first_day(month: int) -> date:
    return date(month // _YEAR, month % _YEAR + 1, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 1) - timedelta(days=1)
