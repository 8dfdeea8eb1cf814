"""Sharing whole points out so that nothing is lost or made up."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

_EXACT_DIGITS = 60


def largest_remainder(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Split `total` in proportion to `weights` (none negative) into whole numbers that add up to `total`.

    Each share is rounded down, and what is left over goes one by one to the largest remainders, the earlier share
    first among equals. Without any weight everything is zero, so `total` must be zero then.
    """
    with localcontext() as exact:
        exact.prec = _EXACT_DIGITS
        whole = sum(weights, Decimal(0))
        if not whole:
            return [0] * len(weights)
        shares: list[int] = []
        remainders: list[Decimal] = []
        for weight in weights:
            share, remainder = divmod(total * weight, whole)
            shares.append(int(share))
            remainders.append(remainder)
        left = total - sum(shares)
        if left:
            for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
                shares[index] += 1
    return shares
