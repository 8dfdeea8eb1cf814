"""When earned points become usable and when they end, by the programme's policy and in its zone."""

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.programme.models import ExpiryPolicy, Programme
from app.programme.service import zone_of

_YEAR = 12


def validity(programme: Programme, occurred_at: datetime) -> tuple[datetime | None, datetime]:
    """From when (None = at once) and until when points earned at an instant are valid.

    The end is the first instant at which they are no longer valid. Validity starts when the points become usable, at
    the first local midnight that leaves them `pending_days` whole days to wait. Months are clamped: 31 January and
    one month is the end of February.
    """
    zone = zone_of(programme)
    policy = programme["earning"]
    begins = occurred_at.astimezone(zone)
    active_at = None
    if policy["pending_days"]:
        begins = _midnight(begins + timedelta(days=policy["pending_days"]), zone)
        active_at = begins.astimezone(occurred_at.tzinfo)
    return active_at, _end(policy["expiry"], begins, zone).astimezone(occurred_at.tzinfo)


def _end(policy: ExpiryPolicy, begins: datetime, zone: ZoneInfo) -> datetime:
    if policy["model"] == "fixed":
        next_end = (begins.month - 1) // policy["months"] * policy["months"] + policy["months"]
        return datetime(begins.year + next_end // _YEAR, next_end % _YEAR + 1, 1, tzinfo=zone)
    ends = _plus_months(begins, policy["months"])
    match policy["round"]:
        case "day":
            return _midnight(ends + timedelta(days=1), zone)
        case "month":
            return _midnight(_plus_months(ends.replace(day=1), 1), zone)
        case "none":
            return ends


def _plus_months(local: datetime, months: int) -> datetime:
    month = local.year * _YEAR + local.month - 1 + months
    year, month = month // _YEAR, month % _YEAR + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def _midnight(local: datetime, zone: ZoneInfo) -> datetime:
    return datetime(local.year, local.month, local.day, tzinfo=zone)
