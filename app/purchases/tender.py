"""Paying a part of a sale with points: how much it may be, what it pays of each line, what comes back; pure functions.

Amounts are whole minor units. What points paid for is shared out to the lines in proportion, once, when the sale is
recorded; what a return gives back follows from how much of each line came back in all, so the order cannot matter.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import gcd

from app.earning.split import largest_remainder
from app.programme.models import PayWithPoints, Programme
from app.purchases.errors import PayWithPointsNotAllowed, PayWithPointsOutOfRange
from app.purchases.models import PaidWithPoints, PurchaseLine
from app.purchases.money import exponent

_PER_CENT = 100


def tender(
    programme: Programme, points: int, lines: Sequence[PurchaseLine]
) -> tuple[PaidWithPoints, list[PurchaseLine]]:
    """What these points pay of a sale, and its lines with their shares of it.

    Raises PayWithPointsNotAllowed when the programme has no such thing, and PayWithPointsOutOfRange.
    """
    policy = programme.get("pay_with_points")
    if policy is None:
        raise PayWithPointsNotAllowed("Points cannot be paid with here; they buy rewards.")
    total = sum(line["paid"] for line in lines)
    amount = _worth(policy, points, programme["currency"])
    if amount is None or not policy["minimum"] <= points or amount * _PER_CENT > total * policy["maximum_share"]:
        raise _out_of_range(policy, programme, total)
    shares = largest_remainder(amount, [Decimal(line["paid"]) for line in lines])
    return {"points": points, "amount": amount}, [
        {**line, "by_points": share} if share else line for line, share in zip(lines, shares, strict=True)
    ]


def back(line: PurchaseLine) -> int:
    """How much of what came back of a line so far had been paid with points."""
    by_points = line.get("by_points", 0)
    return by_points * line["returned_amount"] // line["paid"] if by_points else 0


def kept(line: PurchaseLine) -> int:
    """How much of what is left of a line was paid with money."""
    return line["paid"] - line["returned_amount"] - (line.get("by_points", 0) - back(line))


def all_back(paid: PaidWithPoints, lines: Sequence[PurchaseLine]) -> PaidWithPoints:
    """The points to be given back in all once so much of each line came back; in full, every point."""
    amount = sum(back(line) for line in lines)
    return {"points": paid["points"] * amount // paid["amount"], "amount": amount}


def _worth(policy: PayWithPoints, points: int, currency: str) -> int | None:
    """What points are worth; None when that is no whole amount."""
    minor, rest = divmod(points * 10 ** exponent(currency), policy["points_per_unit"])
    return None if rest else minor


def _out_of_range(policy: PayWithPoints, programme: Programme, total: int) -> PayWithPointsOutOfRange:
    unit = 10 ** exponent(programme["currency"])
    # The fewest points that are worth a whole amount; what can be paid with is a multiple of it.
    step = policy["points_per_unit"] // gcd(policy["points_per_unit"], unit)
    most = total * policy["maximum_share"] // _PER_CENT * policy["points_per_unit"] // unit
    least = -(-policy["minimum"] // step) * step
    return PayWithPointsOutOfRange(least, most - most % step, step, programme["points_other"])
