"""The programme in figures."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

from app.programme.service import zone_of
from schema.context import Context

_DAYS = 30
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One business day."""

    day: date
    earned: int
    redeemed: int
    purchases: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of the whole programme."""

    members: int
    members_this_week: int
    purchases_today: int
    issued: int
    active: int
    pending: int
    reserved: int
    redeemed: int
    expired: int
    per_day: tuple[DayFigures, ...]


async def overview_of(context: Context) -> Overview:
    """The figures, read in parallel."""
    services = context.services
    today = context.now.astimezone(zone_of(services.programme)).date()
    first_day = today - timedelta(days=_DAYS - 1)
    members, joined, days, totals = await asyncio.gather(
        services.members.count(),
        services.members.count(context.now - _WEEK),
        services.purchases.by_day(first_day),
        services.totals.current(),
    )
    per_day = tuple(
        DayFigures(
            date.fromisoformat(sales.day),
            sales.earned,
            totals.redeemed_by_day.get(sales.day, 0),
            sales.purchases,
        )
        for sales in days
    )
    return Overview(
        members=members,
        members_this_week=joined,
        purchases_today=next((sales.purchases for sales in days if sales.day == today.isoformat()), 0),
        issued=totals.issued,
        active=totals.active,
        pending=totals.pending,
        reserved=totals.reserved,
        redeemed=totals.redeemed,
        expired=totals.expired,
        per_day=per_day,
    )
