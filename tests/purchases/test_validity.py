from datetime import UTC, datetime
from typing import Literal

import pytest

from app.programme.defaults import HARVEST
from app.programme.models import Programme
from app.purchases.validity import validity

Model = Literal["fixed", "rolling", "sliding"]
Round = Literal["none", "day", "month"]


def programme(
    model: Model, months: int, rounding: Round, pending: int = 0, zone: str = "America/New_York"
) -> Programme:
    return {
        **HARVEST,
        "zone": zone,
        "earning": {"pending_days": pending, "expiry": {"model": model, "months": months, "round": rounding}},
    }


@pytest.mark.parametrize(
    ("policy", "earned", "ends"),
    [
        (programme("rolling", 12, "month"), "2026-03-14T15:00", "2027-04-01T04:00"),
        (programme("rolling", 12, "day"), "2026-03-14T15:00", "2027-03-15T04:00"),
        (programme("rolling", 12, "none"), "2026-03-14T15:00", "2027-03-14T15:00"),
        (programme("rolling", 1, "none", zone="UTC"), "2027-01-31T12:00", "2027-02-28T12:00"),
        (programme("rolling", 1, "none", zone="UTC"), "2028-01-31T12:00", "2028-02-29T12:00"),
        (programme("rolling", 12, "none", zone="UTC"), "2028-02-29T12:00", "2029-02-28T12:00"),
        (programme("rolling", 8, "none"), "2026-03-14T15:00", "2026-11-14T16:00"),
        (programme("rolling", 1, "month"), "2026-04-01T03:00", "2026-05-01T04:00"),
        (programme("sliding", 6, "day"), "2026-10-14T15:00", "2027-04-15T04:00"),
        (programme("fixed", 12, "none"), "2026-03-14T15:00", "2027-01-01T05:00"),
        (programme("fixed", 12, "none"), "2027-01-01T04:59", "2027-01-01T05:00"),
        (programme("fixed", 6, "none"), "2026-03-14T15:00", "2026-07-01T04:00"),
        (programme("fixed", 6, "none"), "2026-07-01T04:00", "2027-01-01T05:00"),
    ],
)
def test_points_end_by_the_policy_in_the_programmes_zone(policy: Programme, earned: str, ends: str) -> None:
    active_at, expires_at = validity(policy, datetime.fromisoformat(earned).replace(tzinfo=UTC))
    assert active_at is None
    assert expires_at == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_waiting_points_become_usable_at_a_local_midnight_and_last_from_then() -> None:
    policy = programme("rolling", 1, "none", pending=14)
    active_at, expires_at = validity(policy, datetime(2026, 3, 1, 15, 0, tzinfo=UTC))
    assert active_at == datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
    assert expires_at == datetime(2026, 4, 15, 4, 0, tzinfo=UTC)
