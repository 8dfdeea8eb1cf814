"""Moving the grocer's year into the present by whole weeks, so that weekdays and opening hours stay what they were."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SOURCE_ZONE = ZoneInfo("America/New_York")


def weeks_to_move(last_at: int, now: datetime, zone: ZoneInfo) -> int:
    """The most whole weeks after which the newest basket (Unix seconds) still lies on or before local yesterday."""
    last_day = datetime.fromtimestamp(last_at, UTC).astimezone(SOURCE_ZONE).date()
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    return (yesterday - last_day).days // 7


class Calendar:
    """Tells when a basket of the source took place in the demonstration."""

    def __init__(self, weeks: int, zone: ZoneInfo) -> None:
        self._shift = timedelta(weeks=weeks)
        self._zone = zone

    def moved(self, at: int) -> tuple[datetime, date]:
        """The instant (UTC) and the local business date; weekday and hour on the wall stay."""
        local = datetime.fromtimestamp(at, UTC).astimezone(SOURCE_ZONE).replace(tzinfo=None) + self._shift
        there = local.replace(tzinfo=self._zone)
        return there.astimezone(UTC), there.date()
