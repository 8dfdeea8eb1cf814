"""Money that handed-over rewards take off a sale; pure functions on minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.earning.split import largest_remainder
from app.products.models import Product
from app.purchases.errors import RedemptionNotAllowed
from app.rewards.models import Reward

_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class MoneyOff:
    """What is paid for each line in the end, and what each reward took off, in the order of the rewards."""

    paid: list[int]
    by_reward: list[int]


def money_off(
    amounts: Sequence[int], quantities: Sequence[int], products: Sequence[Product], rewards: Sequence[Reward]
) -> MoneyOff:
    """Take rewards off line amounts: free products first, then percentages, then fixed sums, never below zero.

    A free product takes one item off its line. The rest is spread over the lines in proportion to what is still to
    pay. Raises RedemptionNotAllowed when a free product is not in the sale.
    """
    paid = list(amounts)
    off = [0] * len(rewards)
    free: dict[int, int] = {}
    for position, reward in _of_kind(rewards, "FREE_PRODUCT"):
        line = _line_of(reward, paid, quantities, products, free)
        free[line] = free.get(line, 0) + 1
        off[position] = _item_price(amounts[line], quantities[line], free[line])
        paid[line] -= off[position]
    for position, reward in _of_kind(rewards, "PERCENT_DISCOUNT"):
        percent = reward["percent"] or 0
        off[position] = (sum(paid) * percent + _PER_CENT // 2) // _PER_CENT
        paid = _spread(paid, off[position])
    for position, reward in _of_kind(rewards, "FIXED_DISCOUNT"):
        off[position] = min(reward["discount"] or 0, sum(paid))
        paid = _spread(paid, off[position])
    return MoneyOff(paid, off)


def _of_kind(rewards: Sequence[Reward], kind: str) -> list[tuple[int, Reward]]:
    return [(position, reward) for position, reward in enumerate(rewards) if reward["kind"] == kind]


def _line_of(
    reward: Reward,
    paid: Sequence[int],
    quantities: Sequence[int],
    products: Sequence[Product],
    free: dict[int, int],
) -> int:
    candidates = [
        index
        for index, product in enumerate(products)
        if product["_id"] == reward["product"] and free.get(index, 0) < quantities[index]
    ]
    if not candidates:
        raise RedemptionNotAllowed(f"{reward['name']}: ring up the product first, then hand over the reward.")
    return max(candidates, key=lambda index: (paid[index], -index))


def _item_price(amount: int, quantity: int, item: int) -> int:
    """The price of the n-th item of a line, so that all items add up to the line."""
    return amount * item // quantity - amount * (item - 1) // quantity


def _spread(paid: Sequence[int], off: int) -> list[int]:
    shares = largest_remainder(off, [Decimal(amount) for amount in paid])
    return [amount - share for amount, share in zip(paid, shares, strict=True)]
