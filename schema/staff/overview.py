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
    sold = {sales.day: sales for sales in days}
    spent = {day: points for day, points in totals.redeemed_by_day.items() if day >= first_day.isoformat()}
    per_day = tuple(
        DayFigures(
            date.fromisoformat(day),
            sold[day].earned if day in sold else 0,
            spent.get(day, 0),
            sold[day].purchases if day in sold else 0,
        )
        for day in sorted({*sold, *spent})
    )
    return Overview(
        members=members,
        members_this_week=joined,
        purchases_today=sold[today.isoformat()].purchases if today.isoformat() in sold else 0,
        issued=totals.issued,
        active=totals.active,
        pending=totals.pending,
        reserved=totals.reserved,
        redeemed=totals.redeemed,
        expired=totals.expired,
        per_day=per_day,
    )
