"""Checks of new rewards, and the documents made of them; pure."""

import hashlib

from app.rewards.errors import InvalidReward
from app.rewards.models import NewReward, Reward

_MOST_POINTS = 2**53 - 1
_MOST_PER_CENT = 100


def document(new: NewReward, programme_id: str) -> Reward:
    """The stored form of a reward. Raises InvalidReward, naming the field."""
    _check(new)
    return {
        "_id": new.id,
        "programme": programme_id,
        "kind": new.kind,
        "name": new.name,
        "description": new.description,
        "terms": new.terms,
        "price": new.price,
        "discount": new.discount,
        "percent": new.percent,
        "product": new.product,
        "limited": new.stock is not None or new.kind == "VOUCHER_CODE",
        "per_member": new.per_member,
        "min_tier": new.min_tier,
        "available_from": new.available_from,
        "available_until": new.available_until,
        "glyph": new.glyph,
        "rank": new.rank,
        "active": True,
    }


def voucher_id(reward_id: str, code: str) -> str:
    """The id that follows from a pool and a code, so that one code can only ever be there once."""
    text = f"{reward_id}\n{code}"
    return f"vch_{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _check(new: NewReward) -> None:
    if not 1 <= new.price <= _MOST_POINTS:
        raise InvalidReward(("price",), "A reward costs at least one point.")
    needed = {"FIXED_DISCOUNT": "discount", "PERCENT_DISCOUNT": "percent", "FREE_PRODUCT": "product"}.get(new.kind)
    for name in ("discount", "percent", "product"):
        if (getattr(new, name) is not None) != (name == needed):
            raise InvalidReward((name,), f"{name} does not fit a reward of kind {new.kind}.")
    if new.discount is not None and new.discount < 1:
        raise InvalidReward(("discount",), "A discount takes something off.")
    if new.percent is not None and not 1 <= new.percent <= _MOST_PER_CENT:
        raise InvalidReward(("percent",), "A percentage is 1 to 100.")
    if new.stock is not None and (new.stock < 0 or new.kind == "VOUCHER_CODE"):
        raise InvalidReward(("stock",), "Stock is a number of units; that of a voucher is its codes.")
    if new.per_member is not None and new.per_member < 1:
        raise InvalidReward(("perMember",), "A limit for each member is at least one.")
    if new.available_from and new.available_until and new.available_until <= new.available_from:
        raise InvalidReward(("availableUntil",), "A reward is available for some time.")
