"""Whether a member can have a reward, and if not, why in words; pure."""

from datetime import datetime

from app.ledger.models import Balance
from app.members.models import Member
from app.programme.models import Programme
from app.rewards.models import Eligibility, IneligibleReason, Reward
from app.tiers.models import Standing


def judge(
    reward: Reward,
    member: Member,
    balance: Balance,
    standing: Standing,
    programme: Programme,
    now: datetime,
    *,
    stock: int | None,
    had: int,
) -> Eligibility:
    """Whether this member can have this reward now; `stock` None is unlimited, `had` counts the member's own so far."""
    if not is_available(reward, now):
        return _no("NOT_AVAILABLE", "This reward is not available now.")
    if member["status"] != "active":
        return _no("UNCLAIMED", "Sign in once to claim your card; then your points can be spent.")
    if (minimum := _minimum_tier(reward, programme)) is not None and standing.tier["rank"] < minimum[0]:
        return _no("TIER_TOO_LOW", f"This reward is for {minimum[1]} members and above.")
    if stock is not None and stock < 1:
        return out_of_stock()
    if reward["per_member"] is not None and had >= reward["per_member"]:
        return limit_reached(reward)
    if balance.deficit:
        owed = _points(balance.deficit, programme)
        return _no("DEFICIT", f"{owed} were taken back after you had spent them; your next ones make up for it.")
    if balance.active < reward["price"]:
        return not_enough(reward["price"] - balance.active, programme)
    return Eligibility(eligible=True)


def is_available(reward: Reward, now: datetime) -> bool:
    """Whether a reward is on offer at an instant."""
    begun = reward["available_from"] is None or now >= reward["available_from"]
    over = reward["available_until"] is not None and now >= reward["available_until"]
    return reward["active"] and begun and not over


def out_of_stock() -> Eligibility:
    """Nothing is left."""
    return _no("OUT_OF_STOCK", "This reward ran out. Your points are untouched.")


def limit_reached(reward: Reward) -> Eligibility:
    """The member had as many as allowed."""
    return _no("MEMBER_LIMIT_REACHED", f"This reward can be had {_times(reward['per_member'] or 0)} by each member.")


def not_enough(missing: int, programme: Programme) -> Eligibility:
    """The member has too few points."""
    message = f"{_points(missing, programme)} are still missing."
    if missing == 1:
        message = f"{_points(missing, programme)} is still missing."
    return Eligibility(eligible=False, reason="NOT_ENOUGH_POINTS", message=message, points_missing=missing)


def _no(reason: IneligibleReason, message: str) -> Eligibility:
    return Eligibility(eligible=False, reason=reason, message=message)


def _minimum_tier(reward: Reward, programme: Programme) -> tuple[int, str] | None:
    return next(((tier["rank"], tier["name"]) for tier in programme["tiers"] if tier["id"] == reward["min_tier"]), None)


def _points(points: int, programme: Programme) -> str:
    return f"{points:,} {programme['points_one'] if points == 1 else programme['points_other']}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
