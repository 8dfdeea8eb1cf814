from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import MovableClock
from app.core.database import Database
from app.ledger.models import Balance
from app.programme.defaults import HARVEST
from app.programme.models import Programme
from app.programme.service import ProgrammeService
from app.tiers.service import TierService
from app.tiers.standing import month_of, standing_of
from tests.earning.strategies import steady

NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)


def programme(period: Literal["calendar_year", "rolling_12_months"]) -> Programme:
    return {**HARVEST, "tier_period": period}


CALENDAR = programme("calendar_year")
ROLLING = programme("rolling_12_months")


def test_everybody_starts_on_the_lowest_tier() -> None:
    standing = standing_of(CALENDAR, {}, NOW)
    assert standing.tier["id"] == "bronze"
    assert standing.guaranteed_until is None
    assert standing.next_tier is not None
    assert (standing.next_tier["id"], standing.points_to_next) == ("silver", 500)
    assert (standing.period_start, standing.period_end) == (date(2026, 1, 1), date(2026, 12, 31))


def test_a_tier_reached_this_year_holds_to_the_end_of_the_next() -> None:
    standing = standing_of(CALENDAR, {"2026-01": 900, "2026-03": 700}, NOW)
    assert standing.tier["id"] == "gold"
    assert standing.multiplier == Decimal("1.25")
    assert standing.guaranteed_until == date(2027, 12, 31)
    assert (standing.qualifying, standing.points_to_next) == (1600, 2400)


def test_last_years_tier_still_holds_and_points_count_from_this_year() -> None:
    standing = standing_of(CALENDAR, {"2025-02": 1600, "2026-01": 600}, NOW)
    assert standing.tier["id"] == "gold"
    assert standing.guaranteed_until == date(2026, 12, 31)
    assert (standing.qualifying, standing.points_to_next) == (600, 3400)


def test_the_year_before_last_is_forgotten() -> None:
    assert standing_of(CALENDAR, {"2024-12": 9000}, NOW).tier["id"] == "bronze"


def test_a_threshold_is_reached_exactly() -> None:
    assert standing_of(CALENDAR, {"2026-01": 500}, NOW).tier["id"] == "silver"
    assert standing_of(CALENDAR, {"2026-01": 499}, NOW).tier["id"] == "bronze"


def test_returns_cannot_push_below_zero() -> None:
    standing = standing_of(CALENDAR, {"2026-01": -50}, NOW)
    assert (standing.qualifying, standing.points_to_next) == (0, 500)


def test_the_highest_tier_has_nothing_above() -> None:
    standing = standing_of(CALENDAR, {"2026-01": 50_000}, NOW)
    assert (standing.next_tier, standing.points_to_next) == (None, None)


def test_a_year_ends_in_the_programmes_zone() -> None:
    still_2025_in_new_york = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
    assert standing_of(CALENDAR, {}, still_2025_in_new_york).period_end == date(2025, 12, 31)
    assert month_of(CALENDAR, still_2025_in_new_york) == "2025-12"


def test_rolling_points_are_those_of_twelve_months() -> None:
    standing = standing_of(ROLLING, {"2025-03": 400, "2025-04": 300, "2026-03": 100}, NOW)
    assert standing.qualifying == 400
    assert (standing.period_start, standing.period_end) == (date(2025, 4, 1), date(2026, 3, 31))


def test_a_rolling_tier_holds_twelve_months_after_it_was_last_met() -> None:
    buckets = {"2025-03": 400, "2025-04": 300}
    standing = standing_of(ROLLING, buckets, NOW)
    assert standing.tier["id"] == "silver"
    assert standing.guaranteed_until == date(2027, 2, 28)
    assert standing_of(ROLLING, buckets, datetime(2027, 2, 28, 12, tzinfo=UTC)).tier["id"] == "silver"
    assert standing_of(ROLLING, buckets, datetime(2027, 3, 1, 12, tzinfo=UTC)).tier["id"] == "bronze"


months = st.integers(0, 35).map(lambda index: f"{2024 + index // 12}-{index % 12 + 1:02d}")


@pytest.mark.parametrize("which", [CALENDAR, ROLLING])
@steady
@given(buckets=st.dictionaries(months, st.integers(0, 3000)), days=st.integers(0, 365), more=st.integers(0, 3000))
def test_more_points_never_lower_a_standing(which: Programme, buckets: dict[str, int], days: int, more: int) -> None:
    now = NOW + timedelta(days=days)
    month = month_of(which, now)
    before = standing_of(which, buckets, now)
    after = standing_of(which, {**buckets, month: buckets.get(month, 0) + more}, now)
    assert after.tier["rank"] >= before.tier["rank"]
    assert after.qualifying == before.qualifying + more
    today = now.date() - timedelta(days=1)
    assert before.guaranteed_until is None or before.guaranteed_until >= today
    assert before.points_to_next is None or before.points_to_next >= 0


@pytest.mark.parametrize("which", [CALENDAR, ROLLING])
@steady
@given(buckets=st.dictionaries(months, st.integers(0, 3000)), days=st.integers(0, 365))
def test_a_guarantee_is_kept(which: Programme, buckets: dict[str, int], days: int) -> None:
    now = NOW + timedelta(days=days)
    standing = standing_of(which, buckets, now)
    if standing.guaranteed_until is not None:
        last_day = datetime.combine(standing.guaranteed_until, datetime.min.time(), UTC) + timedelta(hours=12)
        assert standing_of(which, buckets, last_day).tier["rank"] >= standing.tier["rank"]


async def test_the_service_reads_the_balance(database: Database, clock: MovableClock) -> None:
    programmes = ProgrammeService(database)
    await programmes.ensure(HARVEST)
    tiers = TierService(programmes)
    month = await tiers.month(clock.now())
    standing = await tiers.standing(Balance("mbr_1", qualifying={month: 1500}), clock.now())
    assert (month, standing.tier["id"]) == ("2026-03", "gold")
